#include "pool/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <vector>

#include "adapters/json_lines.hpp"
#include "ground/standard_streams.hpp"

namespace qmr::detail {

namespace {

constexpr Seconds terminal_period{0.2};
constexpr Seconds json_period{1};
constexpr Seconds longest_line_period{300};

double rate_of(const Standing& standing) {
    const auto num_done = static_cast<double>(standing.num_done - standing.num_done_before);
    return standing.elapsed.count() > 0 ? num_done / standing.elapsed.count() : 0;
}

double seconds_left(const Standing& standing) {
    return static_cast<double>(standing.num_tasks - standing.num_done) / rate_of(standing);
}

std::string duration(double seconds) {
    const auto total = static_cast<long>(std::ceil(seconds));
    if (total < 120) return fmt::format("{} s", total);
    if (total < 7200) return fmt::format("{} min", (total + 59) / 60);
    return fmt::format("{} h {:02} min", total / 3600, total / 60 % 60);
}

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string progress_line(const Standing& standing, std::size_t width) {
    const auto& counts = standing.counts;
    /// What is left out first has the highest number.
    struct Field {
        std::string text;
        int dispensability = 0;
    };
    std::vector<Field> fields{{fmt::format("qmr: {}/{} tasks", standing.num_done, standing.num_tasks)}};
    const auto add = [&fields](std::size_t number, std::string_view what, int dispensability) {
        fields.push_back({fmt::format(", {} {}", number, what), dispensability});
    };
    add(counts.running, "running", 1);
    add(counts.pending + counts.unsubmitted, "pending", 3);
    if (counts.held > 0) add(counts.held, "held", 2);
    if (counts.suspended > 0) add(counts.suspended, "suspended", 2);
    if (counts.in_error > 0) add(counts.in_error, "in error state", 2);
    add(standing.num_failed, "failed", standing.num_failed > 0 ? 0 : 5);
    if (standing.num_done > standing.num_done_before) {
        fields.push_back({fmt::format(", {:.3g}/s", rate_of(standing)), 4});
        if (standing.num_done < standing.num_tasks)
            fields.push_back({fmt::format(", {} left", duration(seconds_left(standing)))});
    }
    const auto size = [&fields] {
        return std::accumulate(fields.begin(), fields.end(), std::size_t{0},
                               [](std::size_t sum, const Field& field) { return sum + field.text.size(); });
    };
    for (int dispensability = 5; dispensability > 0 && size() > width; --dispensability)
        std::erase_if(fields, [&](const Field& field) { return field.dispensability == dispensability; });
    std::string line;
    for (const Field& field : fields) line += field.text;
    return line.substr(0, width);
}

std::string progress_json(const Standing& standing) {
    const auto& counts = standing.counts;
    Json object{{"tasks", standing.num_tasks},
                {"done", standing.num_done},
                {"failed", standing.num_failed},
                {"running", counts.running},
                {"pending", counts.pending + counts.unsubmitted},
                {"held", counts.held},
                {"suspended", counts.suspended},
                {"error", counts.in_error},
                {"seconds", standing.elapsed.count()},
                {"tasks_per_second", rate_of(standing)},
                {"seconds_left", nullptr}};
    if (standing.num_done > standing.num_done_before) object["seconds_left"] = seconds_left(standing);
    return to_json_line(object);
}

ProgressTeller::ProgressTeller(Progress kind) : kind_(kind) {
    if (kind_ == Progress::automatic && ::isatty(STDERR_FILENO) == 0) kind_ = Progress::lines;
}

ProgressTeller::~ProgressTeller() {
    clear_line();
}

void ProgressTeller::clear_line() {
    if (is_line_shown_) tell_on_stderr("\r\033[K");
    is_line_shown_ = false;
}

void ProgressTeller::say(const std::string& sentence) {
    if (kind_ == Progress::silent) return;
    clear_line();
    tell_on_stderr(kind_ == Progress::json ? to_json_line({{"message", sentence}}) + "\n"
                                           : fmt::format("qmr: {}\n", sentence));
}

bool ProgressTeller::is_due(Seconds elapsed) const {
    return kind_ != Progress::silent && elapsed - last_told_ >= period();
}

void ProgressTeller::tell(const Standing& standing) {
    const bool is_first = last_told_.count() < 0;
    last_told_ = standing.elapsed;
    if (kind_ == Progress::automatic) {
        tell_on_stderr("\r" + progress_line(standing, terminal_width() - 1) + "\033[K");
        is_line_shown_ = true;
    } else if (kind_ == Progress::json) {
        tell_on_stderr(progress_json(standing) + "\n");
    } else if (!is_first) {
        // Fewer and fewer, so that a log of a map of days stays short.
        tell_on_stderr(progress_line(standing, std::string::npos) + "\n");
        line_period_ = std::min(line_period_ * 1.5, longest_line_period);
    }
}

void ProgressTeller::conclude(const Standing& standing, const std::string& sentence) {
    if (kind_ == Progress::json) tell_on_stderr(progress_json(standing) + "\n");
    say(sentence);
}

Seconds ProgressTeller::period() const {
    switch (kind_) {
        case Progress::automatic:
            return terminal_period;
        case Progress::json:
            return json_period;
        default:
            return line_period_;
    }
}

}  // namespace qmr::detail
