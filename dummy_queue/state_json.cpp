#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <type_traits>
#include <utility>

#include "dummy_queue/account.hpp"
#include "dummy_queue/state_fields.hpp"

namespace qmr::dummy_queue {
namespace {

using nlohmann::json;
using Json = nlohmann::ordered_json;

// A struct is read and written by naming its fields; `fields` picks the function that does.
template <class V, class T>
void fields(V& v, T& t) {
    using S = std::remove_const_t<T>;
    if constexpr (std::is_same_v<S, Fault>) visit_fault(v, t);
    if constexpr (std::is_same_v<S, TaskRange>) visit_range(v, t);
    if constexpr (std::is_same_v<S, Submission>) visit_submission(v, t);
    if constexpr (std::is_same_v<S, RunningTask>) visit_running(v, t);
    if constexpr (std::is_same_v<S, LingeringTask>) visit_lingering(v, t);
    if constexpr (std::is_same_v<S, TaskError>) visit_error(v, t);
    if constexpr (std::is_same_v<S, AccountRecord>) visit_record(v, t);
    if constexpr (std::is_same_v<S, Job>) visit_job(v, t);
    if constexpr (std::is_same_v<S, ListedEntry>) visit_entry(v, t);
    if constexpr (std::is_same_v<S, LateFile>) visit_late_file(v, t);
    if constexpr (std::is_same_v<S, State>) visit_state(v, t);
}

bool is_utf8(const std::string& text) {
    try {
        (void)json(text).dump();
        return true;
    } catch (const json::type_error&) {
        return false;
    }
}

// ---- writing

template <class T>
Json encode(const T&);
template <class T>
Json encode(const std::vector<T>&);
template <class T>
Json encode(const std::optional<T>&);

/// JSON has no place for bytes that are no UTF-8, while paths and arguments may well have them.
Json encode(const std::string& text) {
    if (is_utf8(text)) return text;
    return Json{{"bytes", std::vector<unsigned char>(text.begin(), text.end())}};
}
Json encode(const TaskSet& tasks) {
    return to_text(tasks, 1);
}
Json encode(FaultKind kind) {
    return row_of(kind).name;
}

struct Writer {
    Json out = Json::object();

    template <class T>
    void operator()(const char* key, const T& value) {
        out[key] = encode(value);
    }
    template <class T>
    void unless_default(const char* key, const T& value) {
        auto encoded = encode(value);
        if (encoded != default_of.value(key, Json())) out[key] = std::move(encoded);
    }
    Json default_of = Json::object();
};

/// Writes everything, to learn what the defaults look like.
struct DefaultsWriter {
    Json out = Json::object();
    template <class T>
    void operator()(const char* key, const T& value) {
        out[key] = encode(value);
    }
    template <class T>
    void unless_default(const char* key, const T& value) {
        out[key] = encode(value);
    }
};

template <class T>
const Json& defaults_of() {
    static const Json defaults = [] {
        DefaultsWriter writer;
        const T t{};
        fields(writer, t);
        return writer.out;
    }();
    return defaults;
}

template <class T>
Json encode(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
        return value;
    } else {
        Writer writer;
        writer.default_of = defaults_of<T>();
        fields(writer, value);
        return writer.out;
    }
}

template <class T>
Json encode(const std::vector<T>& values) {
    auto list = Json::array();
    for (const auto& value : values) list.push_back(encode(value));
    return list;
}

template <class T>
Json encode(const std::optional<T>& value) {
    return value ? encode(*value) : Json();
}

// ---- reading

[[noreturn]] void expected(const char* what, const Json& found, const std::string& where) {
    throw StateError(fmt::format("{}: expected {}, found {}", where, what,
                                 found.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

template <class T>
void decode(const Json&, T&, const std::string& where);
template <class T>
void decode(const Json&, std::vector<T>&, const std::string& where);
template <class T>
void decode(const Json&, std::optional<T>&, const std::string& where);

void decode(const Json& in, std::string& out, const std::string& where) {
    if (in.is_string()) {
        out = in.get<std::string>();
    } else if (in.is_object() && in.size() == 1 && in.contains("bytes")) {
        std::vector<std::uint64_t> bytes;
        decode(in["bytes"], bytes, where);
        out.clear();
        for (const auto byte : bytes) out += static_cast<char>(static_cast<unsigned char>(byte));
    } else {
        expected("a string", in, where);
    }
}

void decode(const Json& in, TaskSet& out, const std::string& where) {
    auto tasks = in.is_string() ? read_task_set(in.get<std::string>()) : std::nullopt;
    if (!tasks) expected("tasks like \"2-6:1,10,13\"", in, where);
    out = std::move(*tasks);
}

void decode(const Json& in, FaultKind& out, const std::string& where) {
    const auto row = std::ranges::find_if(
        fault_kinds(), [&](const auto& r) { return in.is_string() && r.name == in.get<std::string>(); });
    if (row == fault_kinds().end()) expected("a kind of fault", in, where);
    out = row->kind;
}

struct Reader {
    const Json& in;
    const std::string& where;
    std::set<std::string> known;

    template <class T>
    void operator()(const char* key, T& value) {
        known.insert(key);
        if (in.contains(key)) decode(in[key], value, fmt::format("{}.{}", where, key));
    }
    template <class T>
    void unless_default(const char* key, T& value) {
        (*this)(key, value);
    }
    void refuse(const std::string& key) const {
        throw StateError(fmt::format("{}: does not know the key \"{}\"", where, key));
    }
};

/// A fault that can never strike as it is written would make a test pass for no reason.
void check(const Fault& fault, const Reader& reader) {
    if (!reader.in.contains("kind")) throw StateError(reader.where + ": has no \"kind\"");
    const auto& row = row_of(fault.kind);
    const std::set<std::string> of_all{"kind", "num_fails", "max_num_fails", "num_spared", "max_num_spared"};
    const std::set<std::string> of_queue_jobs{"ichunk", "JB_name", "task"};
    for (const auto& [key, value] : reader.in.items()) {
        const bool is_own = std::ranges::count(row.own_keys, key) != 0;
        if (!is_own && !of_all.contains(key) && !(row.of_queue_jobs && of_queue_jobs.contains(key))) {
            throw StateError(
                fmt::format("{}: \"{}\" has no use for the key \"{}\"", reader.where, row.name, key));
        }
    }
    if (fault.kind == FaultKind::late_out && !fault.ichunk && fault.path.empty()) {
        throw StateError(fmt::format("{}: \"late_out\" needs an \"ichunk\" or a \"path\"", reader.where));
    }
    if (fault.as != "dr" && fault.as != "unchanged")
        expected("\"dr\" or \"unchanged\"", fault.as, reader.where);
    if (fault.limit != "h_rt" && fault.limit != "h_vmem") {
        expected("\"h_rt\" or \"h_vmem\"", fault.limit, reader.where);
    }
    if (fault.while_state != "running" && fault.while_state != "pending") {
        expected("\"running\" or \"pending\"", fault.while_state, reader.where);
    }
}

template <class T>
void decode(const Json& in, T& out, const std::string& where) {
    if constexpr (std::is_same_v<T, bool>) {
        if (!in.is_boolean()) expected("true or false", in, where);
        out = in.get<bool>();
    } else if constexpr (std::is_floating_point_v<T>) {
        if (!in.is_number() || in.get<T>() < 0) expected("a number, 0 or more", in, where);
        out = in.get<T>();
    } else if constexpr (std::is_integral_v<T>) {
        if (!in.is_number_unsigned() || !std::in_range<T>(in.get<std::uint64_t>())) {
            expected("a whole number", in, where);
        }
        out = in.get<T>();
    } else {
        if (!in.is_object()) expected("an object", in, where);
        Reader reader{in, where, {}};
        fields(reader, out);
        for (const auto& [key, value] : in.items()) {
            if (!reader.known.contains(key)) reader.refuse(key);
        }
        if constexpr (std::is_same_v<T, Fault>) check(out, reader);
    }
}

template <class T>
void decode(const Json& in, std::vector<T>& out, const std::string& where) {
    if (!in.is_array()) expected("a list", in, where);
    out.clear();
    for (std::size_t i = 0; i < in.size(); ++i)
        decode(in[i], out.emplace_back(), fmt::format("{}[{}]", where, i));
}

template <class T>
void decode(const Json& in, std::optional<T>& out, const std::string& where) {
    if (in.is_null()) {
        out.reset();
    } else {
        decode(in, out.emplace(), where);
    }
}

}  // namespace

std::string to_json_text(const State& state) {
    return encode(state).dump(1) + "\n";
}

State read_json_text(const std::string& text) {
    State state;
    try {
        decode(Json::parse(text), state, "state");
    } catch (const Json::exception& error) {
        throw StateError(error.what());
    }
    return state;
}

std::string to_json_line(const AccountRecord& record) {
    return encode(record).dump() + "\n";
}

AccountRecord read_json_line(const std::string& line) {
    AccountRecord record;
    try {
        decode(Json::parse(line), record, "record");
    } catch (const Json::exception& error) {
        throw StateError(error.what());
    }
    return record;
}

Job* find_job(State& state, std::uint64_t JB_job_number) {
    const auto job = std::ranges::find(state.jobs, JB_job_number, &Job::JB_job_number);
    return job == state.jobs.end() ? nullptr : &*job;
}

void remove_jobs_that_are_over(State& state) {
    std::erase_if(state.jobs, [](const Job& job) { return job.is_over(); });
}

}  // namespace qmr::dummy_queue
