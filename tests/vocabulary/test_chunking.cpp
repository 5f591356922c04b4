#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <stdexcept>

#include "vocabulary/chunking.hpp"

using qmr::detail::Chunking;
using qmr::detail::num_chunks_for_size;

namespace {

constexpr auto most = std::numeric_limits<std::size_t>::max();

struct Shape {
    std::size_t smallest = most;
    std::size_t largest = 0;
    bool is_consecutive = true;
    std::size_t end = 0;
};

Shape shape_of(const Chunking& chunks) {
    Shape shape;
    for (std::size_t i = 0; i < chunks.num_chunks(); ++i) {
        shape.is_consecutive = shape.is_consecutive && chunks.first_itask(i) == shape.end;
        shape.end += chunks.size(i);
        shape.smallest = std::min(shape.smallest, chunks.size(i));
        shape.largest = std::max(shape.largest, chunks.size(i));
    }
    return shape;
}

}  // namespace

TEST_CASE("tasks are cut into consecutive chunks whose sizes differ by at most one") {
    for (std::size_t num_tasks = 1; num_tasks <= 60; ++num_tasks) {
        for (std::size_t num_chunks = 1; num_chunks <= 70; ++num_chunks) {
            CAPTURE(num_tasks, num_chunks);
            const Shape shape = shape_of(Chunking(num_tasks, num_chunks));
            REQUIRE(shape.is_consecutive);
            REQUIRE(shape.end == num_tasks);
            REQUIRE(shape.smallest >= 1);
            REQUIRE(shape.largest - shape.smallest <= 1);
        }
    }
}

TEST_CASE("there are as many chunks as asked for, but never more than tasks") {
    CHECK(Chunking(10, 3).num_chunks() == 3);
    CHECK(Chunking(10, 10).num_chunks() == 10);
    CHECK(Chunking(10, 11).num_chunks() == 10);
    CHECK(Chunking(10, most).num_chunks() == 10);
    CHECK(Chunking(1, 1).num_chunks() == 1);
    CHECK(Chunking(10, 3).num_tasks() == 10);
}

TEST_CASE("no tasks make no chunks") {
    CHECK(Chunking(0, 1).num_chunks() == 0);
    CHECK(Chunking(0, most).num_chunks() == 0);
}

TEST_CASE("tasks can not be cut into no chunks") {
    CHECK_THROWS_AS(Chunking(10, 0), std::invalid_argument);
    CHECK_THROWS_AS(Chunking(0, 0), std::invalid_argument);
}

TEST_CASE("chunks of any number of tasks lie one behind the other, also of huge numbers") {
    std::mt19937_64 random(1);
    const auto up_to = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit)(random);
    };
    for (int i = 0; i < 20'000; ++i) {
        const std::size_t num_tasks = std::max<std::size_t>(1, most >> up_to(63));
        const Chunking chunks(num_tasks, std::max<std::size_t>(1, up_to(most) >> up_to(63)));
        const std::size_t ichunk = up_to(chunks.num_chunks() - 1);
        CAPTURE(num_tasks, chunks.num_chunks(), ichunk);
        const bool is_last = ichunk + 1 == chunks.num_chunks();
        REQUIRE(chunks.first_itask(ichunk) + chunks.size(ichunk) ==
                (is_last ? num_tasks : chunks.first_itask(ichunk + 1)));
        REQUIRE(chunks.size(0) - chunks.size(ichunk) <= 1);
        REQUIRE(chunks.size(ichunk) >= 1);
    }
}

TEST_CASE("a chunk size makes as few chunks as have no more tasks than that") {
    CHECK(num_chunks_for_size(0, 5) == 0);
    CHECK(num_chunks_for_size(1, 5) == 1);
    CHECK(num_chunks_for_size(5, 5) == 1);
    CHECK(num_chunks_for_size(6, 5) == 2);
    CHECK(num_chunks_for_size(10, 5) == 2);
    CHECK(num_chunks_for_size(10, 1) == 10);
    CHECK(num_chunks_for_size(10, most) == 1);
    CHECK(num_chunks_for_size(most, most) == 1);
    CHECK(num_chunks_for_size(most, 1) == most);
    CHECK(num_chunks_for_size(most, 2) == most / 2 + 1);
}

TEST_CASE("no chunk that a chunk size makes is larger than that") {
    for (std::size_t num_tasks = 1; num_tasks <= 60; ++num_tasks) {
        for (std::size_t chunk_size = 1; chunk_size <= 70; ++chunk_size) {
            CAPTURE(num_tasks, chunk_size);
            REQUIRE(shape_of(Chunking(num_tasks, num_chunks_for_size(num_tasks, chunk_size))).largest <=
                    chunk_size);
        }
    }
}

TEST_CASE("each task is in the chunk that has it") {
    for (const std::size_t num_tasks : {1U, 7U, 10U, 100U})
        for (const std::size_t num_chunks : {1U, 3U, 7U, 100U}) {
            const Chunking chunking(num_tasks, num_chunks);
            for (std::size_t ichunk = 0; ichunk < chunking.num_chunks(); ++ichunk)
                for (std::size_t i = 0; i < chunking.size(ichunk); ++i)
                    REQUIRE(chunking.ichunk_of(chunking.first_itask(ichunk) + i) == ichunk);
        }
}
