// What comes out of the library: a qmr::Error, or what the caller's own code threw. And no work_dir stays
// that holds nothing.

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <thread>

#include "file_size_limit.hpp"
#include "full_chain/chain.hpp"
#include "full_chain/in_process.hpp"
#include "qmr/map_status.hpp"
#include "qmr/remove_map.hpp"

using namespace qmr;
using namespace qmr::test;
using Catch::Contains;

namespace {

struct Shape {
    virtual ~Shape() = default;
    [[nodiscard]] virtual int area() const = 0;
    template <class Archive>
    void serialize(Archive&) {}
};

/// Which CEREAL_REGISTER_TYPE does not know.
struct UnknownShape : Shape {
    int x = 1;
    [[nodiscard]] int area() const override { return x; }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(x);
    }
};

using ShapePointer = std::unique_ptr<Shape>;

int area(const ShapePointer& shape) {
    return shape->area();
}

std::vector<ShapePointer> unknown_shapes() {
    std::vector<ShapePointer> all;
    all.push_back(std::make_unique<UnknownShape>());
    return all;
}

struct HoldsShape {
    ShapePointer shape;
    int operator()(int x) const { return x * shape->area(); }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(shape);
    }
};

/// Of the caller, and nothing that qmr knows.
struct OfCaller {};

struct ThrowsWhenSaved {
    template <class Archive>
    void save(Archive&) const {
        throw OfCaller();
    }
    template <class Archive>
    void load(Archive&) {}
};

/// What reading it throws in the process that maps.
template <class Thrown>
struct ThrowsWhenLoaded {
    std::int64_t x = 0;
    template <class Archive>
    void save(Archive& archive) const {
        archive(x);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(x);
        throw Thrown();
    }
};

template <class Thrown>
ThrowsWhenLoaded<Thrown> make_one_that_throws(std::int64_t x) {
    return {x};
}

int zero(const ThrowsWhenSaved&) {
    return 0;
}

using Use = std::function<void(const Pool&)>;

// Each way into a map that writes tasks.
template <class F, class Tasks>
std::vector<Use> uses(F f, const Tasks& tasks) {
    return {[=](const Pool& pool) { static_cast<void>(pool.map(f, *tasks)); },
            [=](const Pool& pool) { static_cast<void>(pool.try_map(f, *tasks)); },
            [=](const Pool& pool) { pool.for_each_result(f, *tasks, [](std::size_t, const auto&) {}); },
            [=](const Pool& pool) { static_cast<void>(pool.map_to_work_dir(f, *tasks)); },
            [=](const Pool& pool) { static_cast<void>(pool.submit(f, *tasks)); },
            [=](const Pool& pool) { static_cast<void>(pool.preview(f, *tasks)); }};
}

class InDirectory {
  public:
    InDirectory() : options_(local_options(directory_.path().native())) { options_.num_chunks = 1; }
    [[nodiscard]] Pool pool() const { return Pool(options_); }
    [[nodiscard]] std::filesystem::path work_dir() const { return options_.work_dir; }
    [[nodiscard]] bool has_work_dir() const { return std::filesystem::exists(work_dir()); }

  private:
    TemporaryDirectory directory_;
    PoolOptions options_;
};

}  // namespace

TEST_CASE(
    "a task of a polymorphic type that is not registered is refused in one line, wherever it is given") {
    const auto tasks = std::make_shared<std::vector<ShapePointer>>(unknown_shapes());
    for (const Use& use : uses(area, tasks)) {
        const InDirectory here;
        std::string said;
        try {
            use(here.pool());
        } catch (const BadInput& bad) {
            said = bad.what();
        }
        CHECK_THAT(said, Contains("map: task 0 can not be written") && Contains("UnknownShape") &&
                             Contains("CEREAL_REGISTER_TYPE") && Contains("nothing was submitted"));
        CHECK(said.find('\n') == std::string::npos);
        CHECK_FALSE(here.has_work_dir());
    }
}

TEST_CASE("a function object that cereal can not write is refused in one line") {
    const InDirectory here;
    CHECK_THROWS_WITH(here.pool().map(
                          [] {
                              HoldsShape holds;
                              holds.shape = std::make_unique<UnknownShape>();
                              return holds;
                          }(),
                          numbers(3)),
                      Contains("map: the function object can not be written"));
    CHECK_FALSE(here.has_work_dir());
}

TEST_CASE("what the caller's serialize() throws for a task comes out as it is, and no work_dir stays") {
    const auto tasks = std::make_shared<std::vector<ThrowsWhenSaved>>(2);
    for (const Use& use : uses(zero, tasks)) {
        const InDirectory here;
        CHECK_THROWS_AS(use(here.pool()), OfCaller);
        CHECK_FALSE(here.has_work_dir());
    }
}

TEST_CASE("what an iterator throws comes out as it is, and no work_dir stays") {
    const InDirectory here;
    auto tasks = std::views::iota(std::int64_t{0}, std::int64_t{10}) |
                 std::views::transform([](std::int64_t x) { return x == 7 ? throw OfCaller() : x; });
    CHECK_THROWS_AS(here.pool().map(square, tasks), OfCaller);
    CHECK_FALSE(here.has_work_dir());
}

TEST_CASE("what the caller's serialize() throws for a result comes out as it is, and the results stay") {
    const InDirectory here;
    SECTION("map") {
        CHECK_THROWS_AS(here.pool().map(make_one_that_throws<OfCaller>, numbers(3)), OfCaller);
    }
    SECTION("try_map, an exception of the standard library") {
        CHECK_THROWS_AS(here.pool().try_map(make_one_that_throws<std::bad_optional_access>, numbers(3)),
                        std::bad_optional_access);
    }
    SECTION("for_each_result") {
        CHECK_THROWS_AS(here.pool().for_each_result(make_one_that_throws<OfCaller>, numbers(3),
                                                    [](std::size_t, const auto&) {}),
                        OfCaller);
    }
    SECTION("StoredValues") {
        CHECK(here.pool().map_to_work_dir(make_one_that_throws<OfCaller>, numbers(3)).failures.empty());
        StoredValues<ThrowsWhenLoaded<OfCaller>> values(here.work_dir());
        CHECK_THROWS_AS(values.read(0), OfCaller);
    }
    CHECK(std::filesystem::exists(here.work_dir() / "000000000.out"));
    CHECK_FALSE(std::filesystem::exists(here.work_dir() / "000000000.1.rejected"));
}

TEST_CASE("what `take` throws comes out as it is") {
    const InDirectory here;
    const auto take = [](std::size_t, const Result<std::int64_t>&) {
        throw std::filesystem::filesystem_error("of the caller", std::error_code());
    };
    CHECK_THROWS_AS(here.pool().for_each_result(square, numbers(3), take), std::filesystem::filesystem_error);
}

TEST_CASE("a map that begins where no directory is any more is refused in one line") {
    const InDirectory here;
    const auto before = std::filesystem::current_path();
    TemporaryDirectory directory;
    std::filesystem::current_path((directory / "").native());
    std::filesystem::create_directory("gone");
    std::filesystem::current_path("gone");
    std::filesystem::remove((directory / "gone").native());
    const auto refusal = [](const auto& call) -> std::string {
        try {
            call();
        } catch (const BadInput& bad) {
            return bad.what();
        }
        return {};
    };
    const std::string of_map = refusal([&] { static_cast<void>(here.pool().map(square, numbers(3))); });
    const std::string of_status = refusal([] { static_cast<void>(read_map_status("w")); });
    const std::string of_existing = refusal([] { static_cast<void>(ExistingMap("w")); });
    const std::string of_stored = refusal([] { static_cast<void>(StoredValues<int>("w")); });
    const std::string of_removal = refusal([] { static_cast<void>(remove_map("w", Remove::any)); });
    std::filesystem::current_path(before);
    for (const std::string& said : {of_map, of_status, of_existing, of_stored, of_removal})
        CHECK_THAT(said, Contains("the current directory can not be used"));
    CHECK_FALSE(here.has_work_dir());
}

TEST_CASE("a map whose first file can not be written leaves no work_dir") {
    const InDirectory here;
    {
        const FileSizeLimit no_file(0);
        CHECK_THROWS_AS(here.pool().map(square, numbers(3)), Error);
    }
    CHECK_FALSE(here.has_work_dir());
}

TEST_CASE("where nobody catches what a map throws, no work_dir stays that holds nothing") {
    const auto shapes = std::make_shared<std::vector<ShapePointer>>(unknown_shapes());
    const auto throws = std::make_shared<std::vector<ThrowsWhenSaved>>(2);
    const auto good = std::make_shared<std::vector<std::int64_t>>(numbers(3));
    std::vector<Use> all = uses(area, shapes);
    for (const Use& use : uses(zero, throws)) all.push_back(use);
    all.emplace_back([=](const Pool& pool) { static_cast<void>(pool.submit(square, *good)); });  // locally
    for (const Use& use : all) {
        const InDirectory here;
        InProcess process([&] {
            std::set_terminate([] { ::_exit(42); });
            // Nobody is below a thread who could catch it.
            std::thread([&] { use(here.pool()); }).join();
            return 0;
        });
        CHECK(process.exit_code() == 42);
        CHECK_FALSE(here.has_work_dir());
    }
}
