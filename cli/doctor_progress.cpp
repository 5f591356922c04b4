#include "cli/doctor_progress.hpp"

#include <array>
#include <utility>

#include "cli/json.hpp"

namespace qmr::cli {

std::vector<std::string> ProgressReader::take(std::string_view piece) {
    std::vector<std::string> sentences;
    for (; !piece.empty(); piece.remove_prefix(1)) {
        if (piece.front() != '\n') {
            begin_of_line_ += piece.front();
            continue;
        }
        const std::string line = std::exchange(begin_of_line_, {});
        auto object = Json::parse(line, nullptr, false);
        if (!object.is_object())
            sentences.push_back(line);  // somebody else's
        else if (const auto message = object.find("message"); message != object.end())
            sentences.push_back(message->get<std::string>());
        else
            figures_ = std::move(object);
    }
    return sentences;
}

std::string ProgressReader::where_it_is() const {
    if (figures_.empty()) return "is not submitted yet";
    constexpr std::array states{std::pair{"error", "is in error state"}, std::pair{"held", "is held"},
                                std::pair{"suspended", "is suspended"},
                                std::pair{"pending", "waits in the queue"},
                                std::pair{"running", "runs, and has no result yet"}};
    for (const auto& [key, sentence] : states)
        if (figures_.value(key, 0) > 0) return sentence;
    return "has left the queue, and no result is seen yet";
}

}  // namespace qmr::cli
