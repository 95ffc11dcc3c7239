// The intrinsics of a warp, typed; the line of the call stands in for the place in the program that lanes must share.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "engine/thread.h"

namespace ot_host {

template <typename value_type> inline value_type shuffle_value(unsigned mask, value_type value, int operand, int width, shuffle_kind kind, int line) {
  static_assert(std::is_trivially_copyable_v<value_type> && sizeof(value_type) <= sizeof(std::uint64_t));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = shuffle(mask, bits, operand, width, kind, line);
  value_type result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

inline int full_warp(int width = 32) { return width; }

} // namespace ot_host

#define OT_SHUFFLE(MASK, VALUE, OPERAND, KIND, ...) \
  (::ot_host::shuffle_value((MASK), (VALUE), static_cast<int>(OPERAND), ::ot_host::full_warp(__VA_ARGS__), ::ot_host::shuffle_kind::KIND, __LINE__))
#define __shfl_sync(MASK, VALUE, LANE, ...) OT_SHUFFLE(MASK, VALUE, LANE, indexed, __VA_ARGS__)
#define __shfl_xor_sync(MASK, VALUE, BITS, ...) OT_SHUFFLE(MASK, VALUE, BITS, exclusive_or, __VA_ARGS__)
#define __shfl_up_sync(MASK, VALUE, DELTA, ...) OT_SHUFFLE(MASK, VALUE, DELTA, up, __VA_ARGS__)
#define __shfl_down_sync(MASK, VALUE, DELTA, ...) OT_SHUFFLE(MASK, VALUE, DELTA, down, __VA_ARGS__)

#define __ballot_sync(MASK, PREDICATE) (::ot_host::ballot((MASK), (PREDICATE) ? 1 : 0, __LINE__))
#define __any_sync(MASK, PREDICATE) (::ot_host::ballot((MASK), (PREDICATE) ? 1 : 0, __LINE__) != 0u ? 1 : 0)
#define __all_sync(MASK, PREDICATE) (::ot_host::ballot((MASK), (PREDICATE) ? 0 : 1, __LINE__) == 0u ? 1 : 0)

#define OT_SYNCWARP(MASK) (::ot_host::warp_collective("__syncwarp", (MASK), nullptr, nullptr, true, __LINE__))
#define OT_FULL_MASK(...) OT_FULL_MASK_OF(__VA_ARGS__ __VA_OPT__(, ) 0xFFFFFFFFu)
#define OT_FULL_MASK_OF(MASK, ...) (MASK)
#define __syncwarp(...) OT_SYNCWARP(OT_FULL_MASK(__VA_ARGS__))
