#include "adapters/executable.hpp"

#include <fmt/format.h>
#include <link.h>
#include <sys/auxv.h>

#include <boost/filesystem/operations.hpp>
#include <cstring>
#include <string_view>

#include "qmr/error.hpp"
#include "vocabulary/current_directory.hpp"

namespace qmr::detail {

namespace {

std::string build_id_in_notes(const char* notes, std::size_t size, std::size_t alignment) {
    const auto padded = [&](std::size_t n) { return (n + alignment - 1) / alignment * alignment; };
    while (size >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        std::memcpy(&note, notes, sizeof note);
        const std::size_t description = sizeof note + padded(note.n_namesz);
        const std::size_t whole = description + padded(note.n_descsz);
        if (whole > size) return {};
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            std::memcmp(notes + sizeof note, "GNU", 4) == 0) {
            std::string text;
            for (std::size_t i = 0; i < note.n_descsz; ++i)
                text += fmt::format("{:02x}", static_cast<unsigned char>(notes[description + i]));
            return text;
        }
        notes += whole;
        size -= whole;
    }
    return {};
}

std::string build_id_of(const dl_phdr_info& module) {
    for (std::size_t i = 0; i < module.dlpi_phnum; ++i) {
        const auto& segment = module.dlpi_phdr[i];
        if (segment.p_type != PT_NOTE) continue;
        const auto* notes = reinterpret_cast<const char*>(module.dlpi_addr + segment.p_vaddr);
        std::string id = build_id_in_notes(notes, segment.p_memsz, segment.p_align == 8 ? 8 : 4);
        if (!id.empty()) return id;
    }
    return {};
}

bool holds(const dl_phdr_info& module, std::uintptr_t address) {
    for (std::size_t i = 0; i < module.dlpi_phnum; ++i) {
        const auto& segment = module.dlpi_phdr[i];
        const std::uintptr_t begin = module.dlpi_addr + segment.p_vaddr;
        if (segment.p_type == PT_LOAD && address >= begin && address - begin < segment.p_memsz) return true;
    }
    return false;
}

// Calls visit(module) for each loaded module, the executable first, until it returns true.
template <class Visit>
void for_each_module(Visit visit) {
    ::dl_iterate_phdr([](dl_phdr_info* module, std::size_t,
                         void* data) -> int { return (*static_cast<Visit*>(data))(*module) ? 1 : 0; },
                      &visit);
}

}  // namespace

std::optional<CodeLocation> locate(const void* address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::optional<CodeLocation> found;
    for_each_module([&](const dl_phdr_info& module) {
        if (!holds(module, wanted)) return false;
        found = CodeLocation{build_id_of(module), wanted - module.dlpi_addr, module.dlpi_name};
        return true;
    });
    return found;
}

const void* address_of(const CodeLocation& location) {
    const void* found = nullptr;
    for_each_module([&](const dl_phdr_info& module) {
        if (build_id_of(module) != location.build_id || !holds(module, module.dlpi_addr + location.offset))
            return false;
        found = reinterpret_cast<const void*>(module.dlpi_addr + location.offset);
        return true;
    });
    return found;
}

std::string own_build_id() {
    std::string id;
    for_each_module([&](const dl_phdr_info& module) {
        id = build_id_of(module);
        return true;
    });
    return id;
}

namespace {

// The file of a descriptor, by which fexecve(3) starts a program, is another one for each process.
std::string path_by_which_started() {
    const auto* path = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
    if (path == nullptr || *path == '\0' || std::string_view(path).starts_with("/dev/fd/") ||
        std::string_view(path).starts_with("/proc/"))
        return {};
    return absolute_path(path).native();
}

}  // namespace

std::string own_executable() {
    boost::system::error_code error;
    std::string path = boost::filesystem::read_symlink("/proc/self/exe", error).native();
    if (error) throw BadInput(fmt::format("cannot find the path of this executable: {}", error.message()));
    constexpr std::string_view deleted = " (deleted)";
    if (path.ends_with(deleted) && !boost::filesystem::exists(path, error))
        throw BadInput(
            fmt::format("{} was deleted or rebuilt since it was started; workers can not be started from it: "
                        "start it again",
                        path.substr(0, path.size() - deleted.size())));
    const std::string by_user = path_by_which_started();
    return !by_user.empty() && boost::filesystem::equivalent(by_user, "/proc/self/exe", error) && !error
               ? by_user
               : path;
}

bool is_own_executable(const std::string& path) {
    const std::string own = own_executable();
    boost::system::error_code error;
    return path == own || (boost::filesystem::equivalent(path, own, error) && !error);
}

}  // namespace qmr::detail
