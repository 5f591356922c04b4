#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <qmr/error.hpp>
#include <string>
#include <utility>

#include "cli/text_reader.hpp"

namespace qmr::test {

/// Reads this text, which has a name.
inline cli::TextReader text_reader(std::string name, const std::string& text) {
    cli::Descriptor file(::memfd_create("text", MFD_CLOEXEC));
    if (::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw Error("cannot write a text");
    return {std::move(file), std::move(name)};
}

}  // namespace qmr::test
