#pragma once
// Everything a program needs: init(), Pool, PoolOptions, Result, MapError, ExistingMap,
// StoredValues, TaskError.

#include "qmr/error.hpp"
#include "qmr/existing_map.hpp"
#include "qmr/init.hpp"
#include "qmr/map_error.hpp"
#include "qmr/map_preview.hpp"
#include "qmr/options.hpp"
#include "qmr/pool.hpp"
#include "qmr/result.hpp"
#include "qmr/site.hpp"
#include "qmr/stored_values.hpp"
#include "qmr/task_error.hpp"
#include "qmr/version.hpp"
