#pragma once
// Everything a program needs: init(), Pool, PoolOptions, Result, MapError.

#include "qmr/error.hpp"
#include "qmr/init.hpp"
#include "qmr/map_error.hpp"
#include "qmr/options.hpp"
#include "qmr/pool.hpp"
#include "qmr/result.hpp"
#include "qmr/version.hpp"
