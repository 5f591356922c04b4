#include "cli/command_words.hpp"

#include <fmt/format.h>
#include <wordexp.h>

#include <memory>
#include <qmr/error.hpp>

namespace qmr::cli {

namespace {

const char* describe(int error) {
    switch (error) {
        case WRDE_BADCHAR:
            return "it has one of | & ; < > ( ) { }, or a line end, outside quotes, and there is no shell; "
                   "quote it, or write sh -c '...'";
        case WRDE_BADVAL:
            return "it has a variable that is not set; quote the $ if it is not for a shell";
        case WRDE_CMDSUB:
            return "it has another command in it, and there is no shell; write sh -c '...'";
        case WRDE_NOSPACE:
            return "it is too long";
        default:
            return "a quote is left open, or a $ has nothing behind it";
    }
}

}  // namespace

std::vector<std::string> command_words(const std::string& text) {
    wordexp_t words{};
    const int error = ::wordexp(text.c_str(), &words, WRDE_NOCMD | WRDE_UNDEF);
    const std::unique_ptr<wordexp_t, decltype(&::wordfree)> owner(&words, &::wordfree);
    if (error != 0)
        throw BadInput(fmt::format("the command \"{}\" can not be read: {}", text, describe(error)));
    if (words.we_wordc == 0) throw BadInput("the command has no words");
    return {words.we_wordv, words.we_wordv + words.we_wordc};
}

}  // namespace qmr::cli
