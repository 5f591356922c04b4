#include <catch2/catch.hpp>

#include "decisions/question_pace.hpp"

using namespace qmr;
using namespace qmr::detail;

TEST_CASE("a program that answers at once is asked as often as there is something to ask") {
    QuestionPace pace;
    CHECK(pace.num_questions(Seconds{0}) == 10);
    CHECK(pace.time_limit() == Seconds{10});
    pace.asked(Seconds{5}, Seconds{5.1}, false);
    CHECK(pace.num_questions(Seconds{5.1}) == 10);
    CHECK(pace.time_limit() == Seconds{10});
}

TEST_CASE("a program that answers too late is given more time after a rest, as often as that happens") {
    QuestionPace pace;
    Seconds now{0};
    for (const double limit : {10.0, 20.0, 40.0, 60.0, 60.0}) {
        CHECK(pace.time_limit() == Seconds{limit});
        const Seconds end = now + pace.time_limit();
        pace.asked(now, end, true);
        CHECK(pace.num_questions(end) == 0);
        now = end + Seconds{limit} / 2;
        CHECK(pace.num_questions(now) == 1);
    }
    pace.asked(now, now + Seconds{0.1}, false);
    CHECK(pace.time_limit() == Seconds{10});
    CHECK(pace.num_questions(now + Seconds{0.1}) == 10);
}

TEST_CASE("a program that always takes long is given the time that it takes, and a rest in between") {
    QuestionPace pace;
    pace.asked(Seconds{0}, Seconds{15}, false);
    CHECK(pace.time_limit() == Seconds{30});
    CHECK(pace.num_questions(Seconds{22}) == 0);
    CHECK(pace.num_questions(Seconds{22.5}) == 1);
}
