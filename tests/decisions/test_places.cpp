#include "decisions/places.hpp"

#include <catch2/catch.hpp>

using namespace qmr::detail;
using Kind = SubmitVerdict::Kind;

namespace {

using Names = std::set<std::string>;

SubmitVerdict accepted(const std::string& JB_job_number) {
    return {Kind::accepted, JB_job_number, {}, 0, false};
}

}  // namespace

TEST_CASE("places: what is listed is where submissions went, and all where one may have gone") {
    Places places({"a", "b", "c"});
    CHECK(places.used().empty());
    SubmitVerdict verdict = accepted("7;b");
    places.submitted(verdict);
    CHECK(verdict.JB_job_number == "7;b");
    CHECK(places.used() == Names{"b"});
    places.remember("9;elsewhere");
    CHECK(places.used() == Names{"b", "elsewhere"});
    verdict = {Kind::refused, {}, "no", 0, false};
    places.submitted(verdict);
    CHECK(places.used() == Names{"b", "elsewhere"});
    verdict = {Kind::unclear, {}, "no answer", 0, false};
    places.submitted(verdict);
    CHECK(places.used() == Names{"a", "b", "c", "elsewhere"});
}

TEST_CASE("places: an answer without a place is completed where there is but one, and else unclear") {
    Places one({"a"}, "all");
    SubmitVerdict verdict = accepted("7");
    one.submitted(verdict);
    CHECK(verdict.kind == Kind::accepted);
    CHECK(verdict.JB_job_number == "7;a");
    Places usual;
    verdict = accepted("7");
    usual.submitted(verdict);
    CHECK(verdict.JB_job_number == "7");
    CHECK(usual.used() == Names{""});
    for (auto& several : {Places({"a", "b"}, "all"), Places({"all"}, "all")}) {
        Places places = several;
        verdict = accepted("7");
        places.submitted(verdict);
        CHECK(verdict.kind == Kind::unclear);
        CHECK(places.used() == Names(several.asked_for().begin(), several.asked_for().end()));
    }
}
