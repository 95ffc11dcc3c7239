// How a kernel file makes its entries known.
#pragma once

#include "engine/launch.h"

namespace ot_host {

/// Called while the library is loaded; false if the name is taken.
bool enter_kernel(const kernel_record& record);

template <typename arguments_type, void (*entry)(arguments_type)> void invoke(const void* arguments) { entry(*static_cast<const arguments_type*>(arguments)); }

} // namespace ot_host
