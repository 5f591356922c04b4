#include "dummy_queue/qsub_options.hpp"

#include <fmt/format.h>

#include <map>
#include <sstream>

namespace qmr::dummy_queue {
namespace {

std::size_t num_arguments(const std::string& option, std::span<const std::string> rest) {
    static const std::map<std::string_view, std::size_t> table{
        {"-clear", 0},       {"-cwd", 0},   {"-h", 0},       {"-hard", 0},   {"-help", 0}, {"-notify", 0},
        {"-soft", 0},        {"-terse", 0}, {"-V", 0},       {"-verify", 0}, {"-@", 1},    {"-a", 1},
        {"-A", 1},           {"-ac", 1},    {"-ar", 1},      {"-b", 1},      {"-c", 1},    {"-C", 1},
        {"-ckpt", 1},        {"-dc", 1},    {"-display", 1}, {"-dl", 1},     {"-e", 1},    {"-hold_jid", 1},
        {"-hold_jid_ad", 1}, {"-i", 1},     {"-j", 1},       {"-js", 1},     {"-jsv", 1},  {"-l", 1},
        {"-m", 1},           {"-M", 1},     {"-masterq", 1}, {"-N", 1},      {"-now", 1},  {"-o", 1},
        {"-ot", 1},          {"-p", 1},     {"-P", 1},       {"-pty", 1},    {"-q", 1},    {"-r", 1},
        {"-R", 1},           {"-sc", 1},    {"-shell", 1},   {"-S", 1},      {"-sync", 1}, {"-t", 1},
        {"-tc", 1},          {"-v", 1},     {"-w", 1},       {"-wd", 1},     {"-pe", 2},
    };
    if (option == "-binding") {
        const bool has_kind =
            !rest.empty() && (rest.front() == "env" || rest.front() == "pe" || rest.front() == "set");
        return has_kind ? 2 : 1;
    }
    const auto row = table.find(option);
    if (row == table.end()) throw QsubRefusal{fmt::format("qsub: invalid option argument \"{}\"", option), 2};
    return row->second;
}

}  // namespace

QsubWords read_qsub_words(std::span<const std::string> words) {
    QsubWords read;
    while (!words.empty() && words.front().starts_with('-') && words.front() != "-") {
        const auto& name = words.front();
        words = words.subspan(1);
        const auto num = num_arguments(name, words);
        if (words.size() < num && name == "-t") {
            throw QsubRefusal{"qsub: -t option must have a list of task id ranges", 2};
        }
        if (words.size() < num) throw QsubRefusal{fmt::format("qsub: {} option must have argument", name), 2};
        const auto arguments = words.first(num);
        read.options.push_back({name, {arguments.begin(), arguments.end()}});
        words = words.subspan(num);
    }
    read.command.assign(words.begin(), words.end());
    return read;
}

std::vector<QsubOption> options_in_script(const std::string& script, const std::string& prefix) {
    std::vector<std::string> words;
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) {
        if (prefix.empty() || !line.starts_with(prefix)) continue;
        std::istringstream in_line(line.substr(prefix.size()));
        for (std::string word; in_line >> word;) words.push_back(word);
    }
    return read_qsub_words(words).options;
}

}  // namespace qmr::dummy_queue
