// Products of small matrices by a warp on tensor cores, and the numbers they take: inline PTX where the device has it (compute capability 8.0
// on), and a form of the same meaning for the host device, lane by lane.
#pragma once

#include "common/device.cuh"

namespace ot {

/// x to the 11 significant bits of TF32, ties away from zero; what is no number stays none.
__device__ __forceinline__ float tf32_of(float x) { return x == x ? __uint_as_float((__float_as_uint(x) + 0x1000u) & 0xFFFFE000u) : x; }

#if defined(OT_HOST_DEVICE)

constexpr bool has_tensor_cores = true;

/// As tensor cores are known to add: products exact, sums cut off towards zero at the end. (Fasi, Higham, Mikaitis, Pranesh, "Numerical behavior of NVIDIA
/// tensor cores", 2021.)
struct tensor_lanes {
  const float* a;
  const float* b;
  float* c;

  static float cut(double sum) {
    float nearest = static_cast<float>(sum);
    return std::fabs(static_cast<double>(nearest)) > std::fabs(sum) ? std::nextafter(nearest, 0.0f) : nearest;
  }

  // What a register holds beyond TF32 is not read.
  static double read(float x) { return static_cast<double>(__uint_as_float(__float_as_uint(x) & 0xFFFFE000u)); }

  __attribute__((no_sanitize("thread"))) static void multiply(void** payloads, unsigned) {
    double a[16][8];
    double b[8][8];
    for (int lane = 0; lane < warp_threads; lane++) {
      const auto& own = *static_cast<tensor_lanes*>(payloads[lane]);
      int group = lane / 4;
      int place = lane % 4;
      for (int k = 0; k < 4; k++)
        a[group + k % 2 * 8][place + k / 2 * 4] = read(own.a[k]);
      for (int k = 0; k < 2; k++)
        b[place + k * 4][group] = read(own.b[k]);
    }

    for (int lane = 0; lane < warp_threads; lane++) {
      const auto& own = *static_cast<tensor_lanes*>(payloads[lane]);
      for (int k = 0; k < 4; k++) {
        int row = lane / 4 + k / 2 * 8;
        int column = lane % 4 * 2 + k % 2;
        double sum = static_cast<double>(own.c[k]);
        for (int inner = 0; inner < 8; inner++)
          sum += a[row][inner] * b[inner][column];
        own.c[k] = cut(sum);
      }
    }
  }
};

/// c += a b, of matrices 16 x 8 and 8 x 8 that lie over the warp: with g = lane / 4, t = lane % 4, a has (g, t), (g + 8, t), (g, t + 4),
/// (g + 8, t + 4), b has (t, g), (t + 4, g), and c has (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1). All lanes call.
__device__ inline void add_product_tf32(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
  tensor_lanes own{a, b, c};
  ::ot_host::warp_collective("mma", full_warp, &own, tensor_lanes::multiply, false, __LINE__);
}

#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800

constexpr bool has_tensor_cores = true;

__device__ __forceinline__ void add_product_tf32(float (&c)[4], const float (&a)[4], const float (&b)[2]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])), "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])),
        "r"(__float_as_uint(b[1])));
}

#else

constexpr bool has_tensor_cores = false;

__device__ __forceinline__ void add_product_tf32(float (&)[4], const float (&)[4], const float (&)[2]) {}

#endif

} // namespace ot
