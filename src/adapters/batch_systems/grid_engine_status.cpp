#include <algorithm>
#include <pugixml.hpp>
#include <unordered_map>
#include <unordered_set>

#include "adapters/batch_systems/answer_lines.hpp"
#include "adapters/batch_systems/grid_engine.hpp"
#include "adapters/batch_systems/task_ranges.hpp"

namespace qmr::detail::grid_engine {

namespace {

// More than any user has in a queue. A range that counts further is garbage, and must not cost memory.
constexpr std::uint64_t max_num_listed = 1'000'000;

/// What all array tasks of one <job_list> share.
struct Entry {
    std::string_view JB_job_number;
    std::string JB_name;
    std::string_view state_word;
    std::vector<TaskRange> array_tasks;  ///< empty: not part of an array
};

class JobListFinder : public pugi::xml_tree_walker {
  public:
    bool for_each(pugi::xml_node& node) override {
        if (std::string_view(node.name()) == "job_list") found.push_back(node);
        return true;
    }
    std::vector<pugi::xml_node> found;
};

// qstat writes `%lt;` for `<`.
std::string decode_name(std::string_view text) {
    constexpr std::string_view less = "%lt;";
    std::string name;
    for (auto at = text.find(less); at != std::string_view::npos; at = text.find(less)) {
        name.append(text.substr(0, at)).push_back('<');
        text.remove_prefix(at + less.size());
    }
    return name.append(text);
}

/// The words are sets of letters (qstat(1)). What is being deleted stays so, even in error state: deleting it
/// once more would change nothing, and it must not count as a second error. Error goes before the rest,
/// because nothing but deleting helps there. None: finished, no longer in the queue.
std::optional<JobState> decode_state(std::string_view word, std::string_view error_state_indicator) {
    const auto has = [&](std::string_view letters) {
        return word.find_first_of(letters) != std::string_view::npos;
    };
    const bool error = has(error_state_indicator);
    const bool deletion_is_error = contains(error_state_indicator, "d");
    if (has("z")) return std::nullopt;
    if (has("d") && !deletion_is_error) return JobState::deleting;
    if (error) return JobState::error;
    if (word.find_first_not_of("hqrRsStTw") != std::string_view::npos) return JobState::unknown;

    const bool waits = has("q");
    const bool holds_a_slot = has("rtsST");
    if (waits == holds_a_slot) return JobState::unknown;
    if (holds_a_slot) return has("sST") ? JobState::suspended : JobState::running;
    return has("h") ? JobState::held : JobState::pending;
}

/// <job_info> around the two lists that qstat writes even when they are empty. None: anything else.
std::optional<pugi::xml_node> find_root(const pugi::xml_document& document) {
    const auto root = document.document_element();
    if (std::string_view(root.name()) != "job_info") return std::nullopt;
    for (auto other = root.next_sibling(); other; other = other.next_sibling()) {
        if (other.type() == pugi::node_element) return std::nullopt;
    }
    if (!root.child("queue_info") && !root.child("job_info")) return std::nullopt;
    return root;
}

/// The entries whose JB_name begins with the prefix. None: one of them is garbled, or one of the others
/// does not tell whose it is.
std::optional<std::vector<Entry>> read_entries(const pugi::xml_node& root, std::string_view name_prefix) {
    JobListFinder finder;
    pugi::xml_node(root).traverse(finder);

    std::vector<Entry> entries;
    for (const auto& node : finder.found) {
        Entry entry{node.child_value("JB_job_number"),
                    decode_name(node.child_value("JB_name")),
                    node.child_value("state"),
                    {}};
        if (!is_job_number(entry.JB_job_number) || entry.JB_name.empty()) return std::nullopt;
        if (!entry.JB_name.starts_with(name_prefix)) continue;
        if (entry.state_word.empty()) return std::nullopt;
        if (const auto tasks = node.child("tasks")) {
            auto ranges = parse_task_ranges(tasks.child_value());
            if (!ranges) return std::nullopt;
            entry.array_tasks = std::move(*ranges);
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

bool count_too_much(const std::vector<Entry>& entries) {
    std::uint64_t num_left = max_num_listed;
    for (const auto& entry : entries) {
        for (const auto& range : entry.array_tasks) {
            if (range.count() > num_left) return true;
            num_left -= range.count();
        }
    }
    return false;
}

/// Lists a queue job once, although `-f` or `-g t` in a user's ~/.sge_qstat repeats a parallel one.
class Lister {
  public:
    void add(const Entry& entry, JobState state) {
        auto& listed = listed_[entry.JB_job_number];
        const auto add_one = [&](std::optional<std::uint64_t> array_index) {
            if (!listed.insert(array_index.value_or(0)).second) return;
            jobs_.push_back({std::string(entry.JB_job_number), entry.JB_name, array_index, state,
                             std::string(entry.state_word)});
        };
        if (entry.array_tasks.empty()) add_one(std::nullopt);
        for (const auto& range : entry.array_tasks) {
            for (std::uint64_t i = 0; i < range.count(); ++i) add_one(range.first + i * range.step);
        }
    }
    std::vector<ListedJob> take() { return std::move(jobs_); }

  private:
    std::vector<ListedJob> jobs_;
    std::unordered_map<std::string_view, std::unordered_set<std::uint64_t>> listed_;
};

}  // namespace

// All three are spelled out because a user's ~/.sge_qstat may say otherwise (sge_qstat(5)).
std::vector<std::string> status_command(const std::string& program, const std::string& user) {
    return {program, "-u", user, "-s", "prs", "-xml"};
}

Listing read_status_answer(const ClientAnswer& answer, std::string_view name_prefix,
                           std::string_view error_state_indicator) {
    if (!answer.ended || answer.exit_code != 0) return std::nullopt;

    // Bytes are taken as they are: a guess at another encoding could only come from garbage.
    pugi::xml_document document;
    const auto flags = pugi::parse_default | pugi::parse_trim_pcdata;
    if (!document.load_buffer(answer.out.data(), answer.out.size(), flags, pugi::encoding_utf8)) {
        return std::nullopt;
    }
    const auto root = find_root(document);
    if (!root) return std::nullopt;
    const auto entries = read_entries(*root, name_prefix);
    if (!entries || count_too_much(*entries)) return std::nullopt;

    Lister lister;
    for (const auto& entry : *entries) {
        if (const auto state = decode_state(entry.state_word, error_state_indicator)) {
            lister.add(entry, *state);
        }
    }
    return lister.take();
}

}  // namespace qmr::detail::grid_engine
