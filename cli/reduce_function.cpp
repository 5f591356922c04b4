#include "cli/reduce_function.hpp"

#include <fmt/format.h>

#include <utility>

#include "cli/stream_reader.hpp"

namespace qmr::cli {

namespace {

void append(KeptBytes& to, Stream stream) {
    StreamReader reader(std::move(stream));
    for (auto piece = reader.next(); !piece.empty(); piece = reader.next()) to.add(piece);
}

/// The outputs that a command reads, one at a time in memory.
class Outputs {
  public:
    Outputs(StoredValues<CommandOutput>& outputs, const ReduceTask& task, KeptBytes& stderr_below)
        : outputs_(outputs), next_(task.first), end_(task.first + task.num), stderr_below_(stderr_below) {}

    /// The next piece of stdout; empty: there are no more.
    [[nodiscard]] std::string_view next() {
        for (std::string_view piece; next_ < end_ || reader_; reader_.reset()) {
            if (!reader_) open(outputs_.read(next_++));
            if (piece = reader_->next(); !piece.empty()) return piece;
        }
        return {};
    }

    /// Where the command did not want all of it, what was said on stderr is still to be told.
    void take_rest() {
        while (next_ < end_) open(outputs_.read(next_++));
    }

  private:
    void open(CommandOutput output) {
        append(stderr_below_, std::move(output.err));
        reader_.emplace(std::move(output.out));
    }

    StoredValues<CommandOutput>& outputs_;
    std::uint64_t next_;
    std::uint64_t end_;
    KeptBytes& stderr_below_;
    std::optional<StreamReader> reader_;
};

}  // namespace

CommandOutput ReduceFunction::operator()(const ReduceTask& task) {
    if (!outputs_) outputs_ = std::make_shared<StoredValues<CommandOutput>>(below_, Seconds{patience_});
    const ForTask for_task{task.itask,
                           fmt::format("outputs {} to {}", task.first, task.first + task.num - 1)};
    const KeptWhere where = runner_.where_to_keep(for_task);
    KeptBytes err("stderr", where);
    Outputs outputs(*outputs_, task, err);
    CommandOutput output = runner_.run(for_task, command_, InputBytes([&] { return outputs.next(); }));
    outputs.take_rest();
    append(err, std::move(output.err));
    err.finish();
    output.err = to_stream(err.hand_over());
    return output;
}

}  // namespace qmr::cli
