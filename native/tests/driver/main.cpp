// The driver's entry points as a client calls them: what a missing wait shows, captures, faults, limits, that nothing is left alive, and
// that no function which the engine binds goes without a test.
#include <dlfcn.h>

#include "bound_calls.h"
#include "tests/driver/client.h"

namespace {

/// What src/OtEngine.Cuda/Driver takes from a driver is exported by the library, and has been called by the tests.
void every_bound_call_is_there_and_tested(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  CHECK(library != nullptr);
  CHECK(sizeof bound_calls / sizeof *bound_calls > 40);
  for (const char* name : bound_calls) {
    bool is_there = library != nullptr && dlsym(library, name) != nullptr;
    bool is_tested = ot_host_calls(name) > 0;
    CHECK(is_there && is_tested);
    if (!is_there || !is_tested)
      std::printf("%s: %s\n", name, is_there ? "no test calls it" : "not exported");
  }
}

} // namespace

int main(int, char** arguments) {
  test_devices();
  ot_host_seed(1);
  test_memory();
  test_streams();
  test_captures();
  test_images();
  test_limits();
  test_faults();
  every_bound_call_is_there_and_tested(arguments[1]);
  return finish();
}
