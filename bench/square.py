"""A million tiny tasks on two processes of multiprocessing.Pool, as in square.cpp."""
import multiprocessing
import time


def square(x):
    return x * x


if __name__ == "__main__":
    tasks = list(range(1_000_000))
    begin = time.perf_counter()
    with multiprocessing.Pool(2) as pool:
        started = time.perf_counter()
        results = pool.map(square, tasks)
        end = time.perf_counter()
    ended = time.perf_counter()
    assert results == [x * x for x in tasks]
    print(f"square_python_map\t{end - started:.4g}\ts")
    print(f"square_python_pool_and_map\t{ended - begin:.4g}\ts")
