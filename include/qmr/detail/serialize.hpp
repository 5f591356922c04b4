#pragma once
// Values to bytes and back, by cereal's binary archive. Arithmetic types take a shorter way to the same
// bytes.

#include <cereal/archives/binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/complex.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/unordered_set.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>
#include <concepts>
#include <istream>
#include <ostream>
#include <type_traits>

#include "qmr/detail/record_file.hpp"

namespace qmr::detail {

/// The types that a container of the standard library holds: cereal tells only while it compiles them that it
/// does not know one.
template <class T>
struct HeldBy {
    using Types = std::tuple<>;
};
template <class T, class A>
struct HeldBy<std::vector<T, A>> : HeldBy<std::tuple<T>> {};
template <class T, class A>
struct HeldBy<std::list<T, A>> : HeldBy<std::tuple<T>> {};
template <class T, class A>
struct HeldBy<std::deque<T, A>> : HeldBy<std::tuple<T>> {};
template <class T, std::size_t n>
struct HeldBy<std::array<T, n>> : HeldBy<std::tuple<T>> {};
template <class T>
struct HeldBy<std::optional<T>> : HeldBy<std::tuple<T>> {};
template <class T, class C, class A>
struct HeldBy<std::set<T, C, A>> : HeldBy<std::tuple<T>> {};
template <class T, class H, class E, class A>
struct HeldBy<std::unordered_set<T, H, E, A>> : HeldBy<std::tuple<T>> {};
template <class K, class V, class C, class A>
struct HeldBy<std::map<K, V, C, A>> : HeldBy<std::tuple<K, V>> {};
template <class K, class V, class H, class E, class A>
struct HeldBy<std::unordered_map<K, V, H, E, A>> : HeldBy<std::tuple<K, V>> {};
template <class T, class U>
struct HeldBy<std::pair<T, U>> : HeldBy<std::tuple<T, U>> {};
template <class... Ts>
struct HeldBy<std::variant<Ts...>> : HeldBy<std::tuple<Ts...>> {};
template <class... Ts>
struct HeldBy<std::tuple<Ts...>> {
    using Types = std::tuple<Ts...>;
};

template <class T>
consteval bool is_serialisable() {
    if constexpr (!std::default_initializable<T> || std::is_pointer_v<T> || std::is_reference_v<T>) {
        return false;
    } else {
        constexpr bool holds_serialisable = []<class... Held>(std::type_identity<std::tuple<Held...>>) {
            return (is_serialisable<Held>() && ...);
        }(std::type_identity<typename HeldBy<T>::Types>{});
        if constexpr (!holds_serialisable)
            return false;
        else
            return cereal::traits::is_output_serializable<T, cereal::BinaryOutputArchive>::value &&
                   cereal::traits::is_input_serializable<T, cereal::BinaryInputArchive>::value;
    }
}

/// What can travel: default constructible, and known to cereal in both directions, with all it holds.
template <class T>
concept Serialisable = is_serialisable<T>();

/// Writes values into the open record of a writer.
class Saver {
  public:
    explicit Saver(RecordWriter& writer) : writer_(writer), sink_(writer), stream_(&sink_) {}
    Saver(const Saver&) = delete;
    Saver& operator=(const Saver&) = delete;

    template <class... Ts>
    void save(const Ts&... values) {
        if constexpr ((std::is_arithmetic_v<Ts> && ...)) {
            (writer_.put(&values, sizeof values), ...);
        } else {
            // A new archive for each record: one that lives on would write what it has already seen as a
            // reference to an earlier record.
            cereal::BinaryOutputArchive archive(stream_);
            archive(values...);
        }
    }

    [[nodiscard]] RecordWriter& writer() noexcept { return writer_; }

  private:
    RecordWriter& writer_;
    RecordSink sink_;
    std::ostream stream_;
};

/// Reads values from the record that a reader is at.
class Loader {
  public:
    explicit Loader(RecordReader& reader) : reader_(reader), stream_(&reader.stream()) {}
    Loader(const Loader&) = delete;
    Loader& operator=(const Loader&) = delete;

    /// Throws CorruptFile when the record is longer than such values, or shorter than arithmetic ones; what
    /// cereal throws otherwise.
    template <class... Ts>
    void load(Ts&... values) {
        if constexpr ((std::is_arithmetic_v<Ts> && ...)) {
            (reader_.get(&values, sizeof values), ...);
        } else {
            stream_.clear();
            cereal::BinaryInputArchive archive(stream_);
            archive(values...);
        }
        if (reader_.payload_left() != 0)
            reader_.fail("a record is longer than the type that is read from it");
    }

    [[nodiscard]] RecordReader& reader() noexcept { return reader_; }

  private:
    RecordReader& reader_;
    std::istream stream_;
};

}  // namespace qmr::detail
