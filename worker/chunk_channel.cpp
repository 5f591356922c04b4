#include "worker/chunk_channel.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "qmr/error.hpp"

namespace qmr::detail {

namespace {

using Numbers = std::array<int, 3>;

[[noreturn]] void fail(const char* what, int error) {
    throw Error(fmt::format("cannot {}: {}", what, std::generic_category().message(error)));
}

/// A message of sendmsg(2) and recvmsg(2) that holds a chunk and has room for three descriptors.
struct Message {
    HandOver chunk;
    iovec content{&chunk, sizeof chunk};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Numbers))> control{};
    msghdr header{};

    Message() {
        header.msg_iov = &content;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
    }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
};

}  // namespace

std::pair<Descriptor, Descriptor> make_channel() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        fail("make a pair of sockets", errno);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

bool send_chunk(const Descriptor& channel, const HandOver& chunk, const std::array<int, 3>& files) {
    Message message;
    message.chunk = chunk;
    cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(Numbers));
    std::memcpy(CMSG_DATA(rights), files.data(), sizeof(Numbers));
    while (::sendmsg(channel.get(), &message.header, MSG_NOSIGNAL) < 0) {
        if (errno == EPIPE || errno == ECONNRESET) return false;
        if (errno != EINTR) fail("hand a chunk to the process that runs the tasks", errno);
    }
    return true;
}

std::optional<HandOver> receive_chunk(const Descriptor& channel, OpenFiles& files) {
    Message message;
    ssize_t size = 0;
    do {
        size = ::recvmsg(channel.get(), &message.header, MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size != sizeof(HandOver)) return std::nullopt;
    Numbers numbers{-1, -1, -1};
    if (const cmsghdr* rights = CMSG_FIRSTHDR(&message.header); rights != nullptr)
        std::memcpy(numbers.data(), CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
    files = {Descriptor(numbers[0]), Descriptor(numbers[1]), Descriptor(numbers[2])};
    if (files.err.get() < 0) fail("open the files of a chunk where the tasks run", EMFILE);
    return message.chunk;
}

void send_answer(const Descriptor& channel) {
    const char done = 1;
    while (::send(channel.get(), &done, sizeof done, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
}

bool receive_answer(const Descriptor& channel) {
    char done = 0;
    ssize_t size = 0;
    do {
        size = ::recv(channel.get(), &done, sizeof done, MSG_DONTWAIT);
    } while (size < 0 && errno == EINTR);
    return size == sizeof done;
}

void send_end(const Descriptor& channel) {
    // Not by closing it: a process that was forked in the meantime may hold it, too.
    ::shutdown(channel.get(), SHUT_WR);
}

}  // namespace qmr::detail
