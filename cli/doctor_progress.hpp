#pragma once
// What a map tells on its stderr with Progress::json.

#include <string>
#include <string_view>
#include <vector>

#include "cli/json.hpp"

namespace qmr::cli {

class ProgressReader {
  public:
    /// Takes the next piece of the stream. Gives the sentences for a person that are whole by then.
    [[nodiscard]] std::vector<std::string> take(std::string_view piece);

    /// Where the one queue job of the map was when that was told last: "waits in the queue".
    [[nodiscard]] std::string where_it_is() const;

  private:
    std::string begin_of_line_;
    Json figures_ = Json::object();
};

}  // namespace qmr::cli
