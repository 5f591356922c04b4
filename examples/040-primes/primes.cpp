// Which of these numbers are prime, and what are the prime factors of the others?
//
// Shows tasks that are tuples, unpacked for the function, and maps whose tasks follow from the results of the
// last one. Small factors are found right here; the others, up to the root, in ranges, each of which is a
// task.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <optional>
#include <qmr/qmr.hpp>
#include <tuple>
#include <vector>

using Number = std::uint64_t;

constexpr Number first_k = 200;             // smaller factors than 6 * 200 - 1 are found right here
constexpr Number num_ks_of_task = 500'000;  // some milliseconds

// The smallest factor of n among 6k - 1 and 6k + 1, where all primes above 3 are; 0: there is none.
Number smallest_factor(Number n, Number begin_k, Number end_k) {
    for (Number k = begin_k; k < end_k; ++k) {
        if (n % (6 * k - 1) == 0) return 6 * k - 1;
        if (n % (6 * k + 1) == 0) return 6 * k + 1;
    }
    return 0;
}

struct Factorisation {
    Number n;
    std::vector<Number> factors;
    Number rest;               // what is left to be factorised; 1: nothing
    Number begin_k = first_k;  // rest has no smaller factor than 6 * begin_k - 1

    explicit Factorisation(Number number) : n(number), rest(number) {
        for (Number factor = 2; factor < 6 * first_k - 1; ++factor) take_out(factor);
    }

    void take_out(Number factor) {
        for (; rest % factor == 0; rest /= factor) factors.push_back(factor);
        begin_k = std::max(first_k, factor / 6);
    }

    // Rounded up: to try a factor too many does no harm.
    [[nodiscard]] Number end_k() const {
        return static_cast<Number>(std::sqrt(static_cast<double>(rest))) / 6 + 2;
    }
};

// One map for all numbers. Each loses its smallest factor, or the prime that is left when there is no smaller
// one.
void take_out_smallest(const qmr::Pool& pool, std::vector<Factorisation>& numbers) {
    std::vector<std::tuple<Number, Number, Number>> tasks;
    std::vector<std::size_t> inumber_of_task;
    for (std::size_t inumber = 0; inumber < numbers.size(); ++inumber) {
        const Number end_k = numbers[inumber].end_k();
        for (Number k = numbers[inumber].begin_k; k < end_k; k += num_ks_of_task) {
            tasks.emplace_back(numbers[inumber].rest, k, std::min(k + num_ks_of_task, end_k));
            inumber_of_task.push_back(inumber);
        }
    }

    const std::vector<Number> found = pool.map(smallest_factor, tasks);

    std::vector<Number> smallest;
    for (const Factorisation& number : numbers) smallest.push_back(number.rest);
    for (std::size_t itask = 0; itask < tasks.size(); ++itask)
        if (Number& factor = smallest[inumber_of_task[itask]]; found[itask] != 0)
            factor = std::min(factor, found[itask]);
    for (std::size_t inumber = 0; inumber < numbers.size(); ++inumber)
        if (smallest[inumber] > 1) numbers[inumber].take_out(smallest[inumber]);
}

std::optional<Number> read_number(const char* text) {
    Number number = 0;
    const char* end = text + std::strlen(text);
    const auto [rest, error] = std::from_chars(text, end, number);
    if (error != std::errc() || rest != end || number < 2) return std::nullopt;
    return number;
}

int main(int argc, char** argv) try {
    qmr::init(argc, argv);
    std::vector<Factorisation> numbers;
    for (int i = 1; i < argc; ++i) {
        const auto number = read_number(argv[i]);
        if (!number) {
            std::cerr << "usage: primes [NUMBER...], from 2 to 2^64 - 1\n";
            return 2;
        }
        numbers.emplace_back(*number);
    }
    if (argc == 1)
        for (const Number number : {112272535095295U, 100109100129100369U, 100109100129101027U,
                                    100109100129100151U, 100109100129162907U})
            numbers.emplace_back(number);

    const qmr::Pool pool;
    while (std::ranges::any_of(numbers, [](const Factorisation& number) { return number.rest > 1; }))
        take_out_smallest(pool, numbers);

    for (const auto& [n, factors, rest, begin_k] : numbers) {
        std::cout << n << (factors.size() == 1 ? " is prime" : " = ");
        if (factors.size() > 1)
            for (std::size_t i = 0; i < factors.size(); ++i) std::cout << (i > 0 ? " * " : "") << factors[i];
        std::cout << '\n';
    }
} catch (const qmr::Error& error) {
    std::cerr << "primes: " << error.what() << '\n';
    return 1;
}
