// The entry points of cuBLAS that the engine binds, on the memory and streams of the host device that lies beside this library. They keep
// what cuBLAS promises and no more: a product alone may have other bits than in a batch; a math mode other than pedantic may round operands to
// TF32; a workspace is written while a product runs, so that two streams with one workspace spoil each other's products. One thing is
// stricter: without a workspace of the caller's, where cuBLAS takes memory of its own, a product is refused.
#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <type_traits>

#include <dlfcn.h>

#include "driver/library_host.h"

namespace {

using status = int;

enum : status {
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_NOT_INITIALIZED = 1,
  CUBLAS_STATUS_ALLOC_FAILED = 3,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_EXECUTION_FAILED = 13,
  CUBLAS_STATUS_INTERNAL_ERROR = 14,
  CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

enum : int { CUBLAS_OP_N = 0, CUBLAS_OP_T = 1, CUBLAS_OP_C = 2 };

enum : int { CUBLAS_POINTER_MODE_HOST = 0, CUBLAS_POINTER_MODE_DEVICE = 1 };

enum : int { CUBLAS_DEFAULT_MATH = 0, CUBLAS_PEDANTIC_MATH = 2, CUBLAS_TF32_TENSOR_OP_MATH = 3 };

constexpr std::size_t workspace_alignment = 256;

/// The library of the driver in this library's own folder, which the engine has loaded already; null where there is none.
const ot_host::library_host* find_host() {
  static const ot_host::library_host* found = [] {
    Dl_info here{};
    dladdr(reinterpret_cast<void*>(&find_host), &here);
    std::string path(here.dli_fname);
    path = path.substr(0, path.rfind('/') + 1) + "libothostcuda.so";
    void* driver = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* function = driver == nullptr ? nullptr : dlsym(driver, "ot_host_library");
    return function == nullptr ? nullptr : reinterpret_cast<decltype(&ot_host_library)>(function)();
  }();
  return found;
}

/// Within an entry point.
const ot_host::library_host& host() { return *find_host(); }

template <typename body_of> status entry_point(const char* name, body_of body) {
  return find_host() == nullptr ? CUBLAS_STATUS_NOT_INITIALIZED : host().call(name, body);
}

struct handle_state {
  void* context = nullptr;
  void* stream = nullptr;
  int mode = CUBLAS_DEFAULT_MATH;
  int pointer_mode = CUBLAS_POINTER_MODE_HOST;
  void* workspace = nullptr;
  std::size_t workspace_bytes = 0;
};

/// An entry point on a handle, whose context must be the current one.
template <typename body_of> status on_handle(const char* name, void* handle, body_of body) {
  return entry_point(name, [&]() -> status {
    auto* state = static_cast<handle_state*>(host().find_handle(handle));
    if (state == nullptr)
      return CUBLAS_STATUS_NOT_INITIALIZED;
    if (host().context() != state->context)
      return CUBLAS_STATUS_INTERNAL_ERROR;
    return body(*state);
  });
}

/// A batch of column-major products C = alpha op(A) op(B) + beta C.
template <typename element> struct batch {
  bool transposed_a, transposed_b;
  int rows, columns, inner;
  element alpha, beta;
  const element* a;
  long long lda, stride_a;
  const element* b;
  long long ldb, stride_b;
  element* c;
  long long ldc, stride_c;
  int count;
  bool pedantic;

  element operand(element value) const {
    if constexpr (std::is_same_v<element, float>) {
      // TF32 keeps ten bits of the significand.
      if (!pedantic && std::isfinite(value))
        return std::bit_cast<float>((std::bit_cast<unsigned>(value) + 0x1000u) & ~0x1fffu);
    }

    return value;
  }

  /// One entry of op(A) op(B): in order within a batch, alone as the sum of its even and its odd terms.
  element product(int k, int i, int j) const {
    const element* left = a + k * stride_a + (transposed_a ? i * lda : i);
    const element* right = b + k * stride_b + (transposed_b ? j : j * ldb);
    long long step_left = transposed_a ? 1 : lda, step_right = transposed_b ? ldb : 1;
    element sums[2] = {};
    for (long long p = 0; p < inner; p++) {
      element& sum = sums[count == 1 ? p % 2 : 0];
      sum = std::fma(operand(left[p * step_left]), operand(right[p * step_right]), sum);
    }

    return sums[0] + sums[1];
  }

  void set(long long index, element value) const {
    element& place = c[index / rows / columns * stride_c + index / rows % columns * ldc + index % rows];
    place = beta == 0 ? alpha * value : std::fma(alpha, value, beta * place);
  }

  element value(long long index) const {
    return product(static_cast<int>(index / rows / columns), static_cast<int>(index % rows), static_cast<int>(index / rows % columns));
  }

  long long total() const { return static_cast<long long>(rows) * columns * count; }

  /// Every matrix that is read, and C, may be touched whole.
  CUresult allowed() const {
    CUresult result = CUDA_SUCCESS;
    auto extent = [](long long lead, int lines, int length) { return static_cast<std::size_t>(lead * (lines - 1) + length) * sizeof(element); };
    for (long long k = 0; k < count && result == CUDA_SUCCESS; k++) {
      if (inner > 0) {
        result = host().read(a + k * stride_a, transposed_a ? extent(lda, rows, inner) : extent(lda, inner, rows));
        if (result == CUDA_SUCCESS)
          result = host().read(b + k * stride_b, transposed_b ? extent(ldb, inner, columns) : extent(ldb, columns, inner));
      }

      if (result == CUDA_SUCCESS && beta != 0)
        result = host().read(c + k * stride_c, extent(ldc, columns, rows));
      if (result == CUDA_SUCCESS)
        result = host().write(c + k * stride_c, extent(ldc, columns, rows));
    }

    return result;
  }
};

/// The first entries go through the workspace, from one piece of work to the next; the rest are written at once.
template <typename element> status run(handle_state& state, const batch<element>& work) {
  auto* staged = static_cast<element*>(state.workspace);
  long long count = std::min(work.total(), static_cast<long long>(state.workspace_bytes / sizeof(element)));
  CUresult result = host().queue(state.stream, [=]() -> CUresult {
    CUresult allowed = work.allowed();
    if (allowed == CUDA_SUCCESS)
      allowed = host().write(staged, static_cast<std::size_t>(count) * sizeof(element));
    for (long long k = 0; k < count && allowed == CUDA_SUCCESS; k++)
      staged[k] = work.value(k);
    return allowed;
  });

  if (result == CUDA_SUCCESS) {
    result = host().queue(state.stream, [=]() -> CUresult {
      CUresult allowed = host().read(staged, static_cast<std::size_t>(count) * sizeof(element));
      for (long long k = 0; k < work.total() && allowed == CUDA_SUCCESS; k++)
        work.set(k, k < count ? staged[k] : work.value(k));
      return allowed;
    });
  }

  return result == CUDA_SUCCESS ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

bool is_operation(int operation) { return operation == CUBLAS_OP_N || operation == CUBLAS_OP_T || operation == CUBLAS_OP_C; }

template <typename element> status multiply(const char* name, void* handle, int operation_a, int operation_b, int rows, int columns, int inner,
                                            const element* alpha, const element* a, int lda, long long stride_a, const element* b, int ldb, long long stride_b,
                                            const element* beta, element* c, int ldc, long long stride_c, int count) {
  return on_handle(name, handle, [&](handle_state& state) -> status {
    if (!is_operation(operation_a) || !is_operation(operation_b) || rows < 0 || columns < 0 || inner < 0 || count < 0 || alpha == nullptr || beta == nullptr)
      return CUBLAS_STATUS_INVALID_VALUE;
    bool transposed_a = operation_a != CUBLAS_OP_N, transposed_b = operation_b != CUBLAS_OP_N;
    if (lda < std::max(1, transposed_a ? inner : rows) || ldb < std::max(1, transposed_b ? columns : inner) || ldc < std::max(1, rows))
      return CUBLAS_STATUS_INVALID_VALUE;
    if (count > 1 && stride_c < static_cast<long long>(ldc) * columns)
      return CUBLAS_STATUS_INVALID_VALUE;
    if (!host().is_sound() || !host().is_stream(state.stream))
      return CUBLAS_STATUS_EXECUTION_FAILED;
    if (rows == 0 || columns == 0 || count == 0)
      return CUBLAS_STATUS_SUCCESS;
    if (state.workspace == nullptr)
      return CUBLAS_STATUS_ALLOC_FAILED;
    // Factors in device memory are read when the product runs, which is not modelled.
    if (state.pointer_mode != CUBLAS_POINTER_MODE_HOST)
      return CUBLAS_STATUS_NOT_SUPPORTED;
    return run<element>(state, {transposed_a, transposed_b, rows, columns, inner, *alpha, *beta, a, lda, stride_a, b, ldb, stride_b, c, ldc, stride_c, count,
                                state.mode == CUBLAS_PEDANTIC_MATH});
  });
}

} // namespace

OT_EXPORT status cublasGetProperty(int type, int* value) {
  return entry_point("cublasGetProperty", [&]() -> status {
    int version = host().version();
    const int parts[] = {version / 10000, version / 100 % 100, version % 100};
    if (type < 0 || type > 2)
      return CUBLAS_STATUS_INVALID_VALUE;
    *value = parts[type];
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasCreate_v2(void** handle) {
  return entry_point("cublasCreate_v2", [&]() -> status {
    if (!host().may_make())
      return CUBLAS_STATUS_NOT_INITIALIZED;
    auto made = std::make_shared<handle_state>();
    made->context = host().context();
    *handle = made.get();
    host().add_handle(std::move(made));
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasDestroy_v2(void* handle) {
  return on_handle("cublasDestroy_v2", handle, [&](handle_state&) {
    host().remove_handle(handle);
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasSetMathMode(void* handle, int mode) {
  return on_handle("cublasSetMathMode", handle, [&](handle_state& state) -> status {
    if (mode < CUBLAS_DEFAULT_MATH || mode > CUBLAS_TF32_TENSOR_OP_MATH)
      return CUBLAS_STATUS_INVALID_VALUE;
    state.mode = mode;
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasGetMathMode(void* handle, int* mode) {
  return on_handle("cublasGetMathMode", handle, [&](handle_state& state) -> status {
    if (mode == nullptr)
      return CUBLAS_STATUS_INVALID_VALUE;
    *mode = state.mode;
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasSetPointerMode_v2(void* handle, int mode) {
  return on_handle("cublasSetPointerMode_v2", handle, [&](handle_state& state) -> status {
    if (mode != CUBLAS_POINTER_MODE_HOST && mode != CUBLAS_POINTER_MODE_DEVICE)
      return CUBLAS_STATUS_INVALID_VALUE;
    state.pointer_mode = mode;
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasGetPointerMode_v2(void* handle, int* mode) {
  return on_handle("cublasGetPointerMode_v2", handle, [&](handle_state& state) -> status {
    if (mode == nullptr)
      return CUBLAS_STATUS_INVALID_VALUE;
    *mode = state.pointer_mode;
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasGetStream_v2(void* handle, void** stream) {
  return on_handle("cublasGetStream_v2", handle, [&](handle_state& state) -> status {
    if (stream == nullptr)
      return CUBLAS_STATUS_INVALID_VALUE;
    *stream = state.stream;
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasSetStream_v2(void* handle, void* stream) {
  return on_handle("cublasSetStream_v2", handle, [&](handle_state& state) {
    state.stream = stream;
    // Back to the library's own, which is none here.
    state.workspace = nullptr;
    state.workspace_bytes = 0;
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasSetWorkspace_v2(void* handle, void* workspace, std::size_t bytes) {
  return on_handle("cublasSetWorkspace_v2", handle, [&](handle_state& state) -> status {
    if (reinterpret_cast<std::size_t>(workspace) % workspace_alignment != 0 || !host().is_memory(workspace, bytes))
      return CUBLAS_STATUS_INVALID_VALUE;
    state.workspace = workspace;
    state.workspace_bytes = bytes;
    return CUBLAS_STATUS_SUCCESS;
  });
}

OT_EXPORT status cublasSgemmStridedBatched(void* handle, int operation_a, int operation_b, int rows, int columns, int inner, const float* alpha, const float* a,
                                           int lda, long long stride_a, const float* b, int ldb, long long stride_b, const float* beta, float* c, int ldc,
                                           long long stride_c, int count) {
  return multiply("cublasSgemmStridedBatched", handle, operation_a, operation_b, rows, columns, inner, alpha, a, lda, stride_a, b, ldb, stride_b, beta, c, ldc,
                  stride_c, count);
}

OT_EXPORT status cublasDgemmStridedBatched(void* handle, int operation_a, int operation_b, int rows, int columns, int inner, const double* alpha,
                                           const double* a, int lda, long long stride_a, const double* b, int ldb, long long stride_b, const double* beta,
                                           double* c, int ldc, long long stride_c, int count) {
  return multiply("cublasDgemmStridedBatched", handle, operation_a, operation_b, rows, columns, inner, alpha, a, lda, stride_a, b, ldb, stride_b, beta, c, ldc,
                  stride_c, count);
}
