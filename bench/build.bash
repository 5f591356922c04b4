# For the bench scripts, to be sourced: where things are, and how they are built. What a person has set for programs
# that use qmr is not for what is measured.
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_dir=$source_dir/build/bench
source "$source_dir/scripts/scratch.sh"
while read -r variable; do unset "$variable"; done < <(compgen -e | grep '^QMR_' || true)

# build ARGUMENT...: for cmake --build.
build() {
    cmake --preset release -S "$source_dir" -B "$build_dir" -DQMR_BUILD_BENCH=ON -DQMR_BUILD_EXAMPLES=OFF \
        -DQMR_BUILD_DUMMY_QUEUE=OFF >&2
    cmake --build "$build_dir" "$@" >&2
}
