// Every planted bug is caught, under several orders of threads, and the same kernel without it is clean. What only access callbacks can see
// is asked of a build that has them; the rest of every build. AddressSanitizer ends the process, so that a child has to die of it.
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include "engine/address_checker.h"
#include "engine/launch.h"
#include "engine/memory.h"
#include "tests/check.h"

namespace {

constexpr int threads = 64;

struct planted_arguments {
  int* data;
  int wrong;
};

struct expectation {
  const char* name;
  int code;
  const char* says;
  bool needs_callbacks;
};

constexpr expectation expectations[] = {
    {"ot_planted_update", 719, "a race", true},
    {"ot_planted_barrier", 719, "", true},
    {"ot_planted_warp", 719, "", true},
    {"ot_planted_warp_reuse", 719, "a race", true},
    {"ot_planted_warp_broadcast", 719, "a race", true},
    {"ot_planted_warp_halves", 719, "a race", true},
    {"ot_planted_warp_chain", 719, "a race", true},
    {"ot_planted_warp_across", 719, "a race", true},
    {"ot_planted_vote", 719, "a race", true},
    {"ot_planted_atomic_then_write", 719, "a race", true},
    {"ot_planted_atomic_then_read", 719, "a race", true},
    {"ot_planted_poll_then_write", 719, "a race", true},
    {"ot_planted_global_race", 719, "a race", true},
    {"ot_planted_global_bounds", 700, "no live memory", true},
    {"ot_planted_global_uninitialised", 719, "nobody wrote", true},
    {"ot_planted_shared_bounds", 700, "past the end", true},
    {"ot_planted_shared_uninitialised", 719, "nobody wrote", true},
    {"ot_planted_shuffle", 719, "__shfl_sync", false},
    {"ot_planted_lane", 719, "lane 5", false},
    {"ot_planted_half", 719, "barrier", false},
    {"ot_planted_wait", 719, "nobody changes", false},
};

ot_host::fault run(const char* name, int wrong) {
  auto* data = static_cast<int*>(ot_host::take_device_memory(threads * sizeof(int)));
  planted_arguments arguments{data, wrong};
  ot_host::launch_shape shape;
  shape.block[0] = threads;
  ot_host::fault found = ot_host::run_grid(*ot_host::find_kernel(name), shape, &arguments);
  ot_host::give_device_memory(data);
  return found;
}

bool is_deadly(const char* name, int wrong) {
  pid_t child = fork();
  if (child == 0) {
    // What it says is expected.
    std::freopen("/dev/null", "w", stderr);
    run(name, wrong);
    _exit(0);
  }

  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  return status != 0;
}

} // namespace

int main() {
  if (OT_ADDRESS_CHECKED != 0) {
    for (const char* name : {"ot_planted_global_bounds", "ot_planted_shared_bounds"})
      CHECK(!is_deadly(name, 0) && is_deadly(name, 1));
  }

  for (const expectation& expected : expectations) {
    if (expected.needs_callbacks && !ot_host::is_instrumented())
      continue;
    for (unsigned long long seed = 0; seed < 5; seed++) {
      ot_host::set_seed(seed);
      for (int wrong : {0, 1}) {
        ot_host::fault found = run(expected.name, wrong);
        CHECK(found.code == (wrong ? expected.code : 0));
        if (found.code != (wrong ? expected.code : 0) || (wrong && found.text.find(expected.says) == std::string::npos)) {
          failures++;
          std::printf("%s, wrong %d, seed %llu: %d %s\n", expected.name, wrong, seed, found.code, found.text.c_str());
        }
      }
    }
  }

  return finish();
}
