#include <catch2/catch.hpp>

#include "decisions/host_faults.hpp"

using namespace qmr;
using namespace qmr::detail;

namespace {

using Hosts = std::vector<std::string>;

constexpr Seconds now{1000};

void fail(HostFaults& faults, const std::string& host, std::size_t num_chunks) {
    for (std::size_t ichunk = 0; ichunk < num_chunks; ++ichunk) faults.failed(host, ichunk, "no disk", now);
}

}  // namespace

TEST_CASE("a host is left out when three chunks failed there, and another host did well") {
    HostFaults faults;
    fail(faults, "bad", 3);
    CHECK(faults.excluded(now).empty());
    faults.committed("good");
    CHECK(faults.excluded(now) == Hosts{"bad"});
    CHECK(faults.last_message("bad") == "no disk");
}

TEST_CASE("one chunk that fails again and again is to blame itself") {
    HostFaults faults;
    faults.committed("good");
    for (int i = 0; i < 10; ++i) {
        faults.failed("host", 1, "no disk", now);
        faults.failed("host", 2, "no disk", now);
    }
    CHECK(faults.excluded(now).empty());
}

TEST_CASE("a host that does well again is left out no longer, and counts anew") {
    HostFaults faults;
    faults.committed("good");
    fail(faults, "bad", 5);
    faults.committed("bad");
    CHECK(faults.excluded(now).empty());
    fail(faults, "bad", 2);
    CHECK(faults.excluded(now).empty());
    fail(faults, "bad", 3);
    CHECK(faults.excluded(now) == Hosts{"bad"});
}

TEST_CASE("not all hosts that ever did well are left out") {
    HostFaults faults;
    faults.committed("one");
    faults.committed("two");
    fail(faults, "one", 3);
    fail(faults, "three", 3);
    CHECK(faults.excluded(now) == Hosts{"one", "three"});
    fail(faults, "two", 3);
    CHECK(faults.excluded(now).empty());
}

TEST_CASE("what is no name of a host is never left out") {
    HostFaults faults;
    faults.committed("good");
    for (const char* name : {"", "a b", "a|b", "a,b", "!a", "a)"}) fail(faults, name, 3);
    CHECK(faults.excluded(now).empty());
}

TEST_CASE("a host that failed is given another chance after a while") {
    HostFaults faults;
    faults.committed("good");
    fail(faults, "bad", 3);
    CHECK(faults.excluded(now + Seconds{900}) == Hosts{"bad"});
    CHECK(faults.excluded(now + Seconds{901}).empty());
    fail(faults, "bad", 2);
    CHECK(faults.excluded(now).empty());
}

TEST_CASE("when no host can be left out, all are forgiven") {
    HostFaults faults;
    faults.committed("good");
    fail(faults, "bad", 3);
    faults.forgive();
    CHECK(faults.excluded(now).empty());
}
