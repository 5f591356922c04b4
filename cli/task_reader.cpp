#include "cli/task_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <qmr/qmr.hpp>

#include "cli/csv.hpp"
#include "cli/json.hpp"

namespace qmr::cli {

class TaskReader::Format {
  public:
    explicit Format(TextReader in) : in_(std::move(in)) {}
    virtual ~Format() = default;
    Format(const Format&) = delete;
    Format& operator=(const Format&) = delete;

    [[nodiscard]] virtual bool next(CommandTask& task) = 0;
    virtual void choose(std::span<const std::string> names) { names_.assign(names.begin(), names.end()); }
    [[nodiscard]] const std::vector<std::string>& fields() const noexcept { return fields_; }
    [[nodiscard]] const std::string& name() const noexcept { return in_.name(); }

  protected:
    [[noreturn]] void fail(std::size_t line, const std::string& what) const {
        throw BadInput(fmt::format("{}:{}: {}", name(), line, what));
    }

    TextReader in_;
    std::vector<std::string> fields_;
    std::vector<std::string> names_;
};

class TaskReader::Lines : public Format {
  public:
    using Format::Format;
    bool next(CommandTask& task) override { return in_.read_line(task.text); }
};

class TaskReader::NullSeparated : public Format {
  public:
    using Format::Format;
    bool next(CommandTask& task) override {
        if (!in_.append_line(task.text, '\0')) return false;
        if (task.text.ends_with('\0')) task.text.pop_back();
        return true;
    }
};

class TaskReader::Csv : public Format {
  public:
    Csv(TextReader in, char separator) : Format(std::move(in)), reader_(in_, separator) {
        if (!reader_.next())
            throw BadInput(fmt::format("{} has no first line with the names of the fields", name()));
        fields_ = reader_.fields();
        for (auto field = fields_.begin(); field != fields_.end(); ++field)
            if (std::find(fields_.begin(), field, *field) != field)
                fail(1, fmt::format("two fields have the name \"{}\"", *field));
    }

    void choose(std::span<const std::string> names) override {
        for (const std::string& name : names)
            columns_.push_back(static_cast<std::size_t>(std::ranges::find(fields_, name) - fields_.begin()));
    }

    bool next(CommandTask& task) override {
        if (!reader_.next()) return false;
        if (reader_.fields().size() != fields_.size())
            fail(reader_.line(), fmt::format("{} fields, where the first line has {}",
                                             reader_.fields().size(), fields_.size()));
        task.text = reader_.text();
        for (const std::size_t column : columns_) task.values.push_back(reader_.fields()[column]);
        return true;
    }

  private:
    CsvReader reader_;
    std::vector<std::size_t> columns_;
};

/// The numbers of an object as they are written: those that a double can not hold are not to be changed.
class WrittenNumbers : public Json::json_sax_t {
  public:
    [[nodiscard]] const std::map<std::string, std::string>& by_name() const noexcept { return by_name_; }

    bool number_float(double, const std::string& text) override {
        if (depth_ == 1) by_name_[name_] = text;
        return true;
    }
    bool key(std::string& name) override {
        if (depth_ == 1) name_ = name;
        return true;
    }
    bool start_object(std::size_t) override { return ++depth_ > 0; }
    bool start_array(std::size_t) override { return ++depth_ > 0; }
    bool end_object() override { return depth_-- > 0; }
    bool end_array() override { return depth_-- > 0; }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t) override { return true; }
    bool number_unsigned(std::uint64_t) override { return true; }
    bool string(std::string&) override { return true; }
    bool binary(Json::binary_t&) override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

  private:
    std::map<std::string, std::string> by_name_;
    std::string name_;
    int depth_ = 0;
};

class TaskReader::JsonLines : public Format {
  public:
    explicit JsonLines(TextReader in) : Format(std::move(in)), has_first_(read_object()) {
        if (has_first_)
            for (const auto& member : object_.items()) fields_.push_back(member.key());
    }

    bool next(CommandTask& task) override {
        if (!std::exchange(has_first_, false) && !read_object()) return false;
        task.text = text_;
        WrittenNumbers written;
        Json::sax_parse(text_, &written);
        for (const std::string& name : names_) {
            const auto member = object_.find(name);
            if (member == object_.end()) fail(line_, fmt::format("there is no \"{}\"", name));
            const auto number = written.by_name().find(name);
            if (number != written.by_name().end() && member->is_number_float())
                task.values.push_back(number->second);
            else
                task.values.push_back(member->is_string() ? member->get<std::string>() : member->dump());
        }
        return true;
    }

  private:
    bool read_object() {
        do {
            if (!in_.read_line(text_)) return false;
            ++line_;
        } while (text_.find_first_not_of(" \t\r") == std::string::npos);
        object_ = Json::parse(text_, nullptr, false);
        if (!object_.is_object()) fail(line_, "this line is no JSON object");
        return true;
    }

    Json object_;
    std::string text_;
    std::size_t line_ = 0;
    bool has_first_;  ///< the first object was read, and is no task yet
};

class TaskReader::Blocks : public Format {
  public:
    Blocks(TextReader in, std::size_t size) : Format(std::move(in)), size_(size) {}

    // A line that is longer than a block is a block of its own, with what came before it.
    bool next(CommandTask& task) override {
        std::string& text = task.text;
        text = std::exchange(rest_, {});
        if (!in_.append(text, size_)) return !text.empty();
        if (const std::size_t end = text.rfind('\n'); end != std::string::npos) {
            rest_ = text.substr(end + 1);
            text.resize(end + 1);
            return true;
        }
        in_.append_line(text);
        return true;
    }

  private:
    std::size_t size_;
    std::string rest_;
};

TaskReader::TaskReader(TextReader in, TaskFormat format, std::size_t block_size) {
    // The other ones are bytes, and have none.
    if (format != TaskFormat::null_separated && format != TaskFormat::blocks) in.skip_byte_order_mark();
    switch (format) {
        case TaskFormat::lines:
            format_ = std::make_unique<Lines>(std::move(in));
            break;
        case TaskFormat::null_separated:
            format_ = std::make_unique<NullSeparated>(std::move(in));
            break;
        case TaskFormat::csv:
            format_ = std::make_unique<Csv>(std::move(in), ',');
            break;
        case TaskFormat::tsv:
            format_ = std::make_unique<Csv>(std::move(in), '\t');
            break;
        case TaskFormat::json:
            format_ = std::make_unique<JsonLines>(std::move(in));
            break;
        case TaskFormat::blocks:
            format_ = std::make_unique<Blocks>(std::move(in), block_size);
    }
}

TaskReader::~TaskReader() = default;

const std::vector<std::string>& TaskReader::fields() const noexcept {
    return format_->fields();
}

const std::string& TaskReader::name() const noexcept {
    return format_->name();
}

void TaskReader::choose(std::span<const std::string> names) {
    format_->choose(names);
}

std::optional<CommandTask> TaskReader::next() {
    CommandTask task;
    if (!format_->next(task)) return std::nullopt;
    task.itask = num_tasks_++;
    return task;
}

}  // namespace qmr::cli
