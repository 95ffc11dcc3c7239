// What ptxas says of each kernel, from kernels/ptx/registers.csv: what a launch takes of a multiprocessor.
#pragma once

#include <cstddef>
#include <string>

namespace ot_host {

/// What one thread (registers, local memory) and one block (static shared memory) of an entry take.
struct kernel_resources {
  int registers = 32; // an entry that the table does not have, of a test
  std::size_t local_bytes = 0;
  std::size_t shared_bytes = 0;
};

/// Of the PTX for a target (75 for sm_75) on the newest device of the table that is no newer than the capability (90 for 9.0).
kernel_resources resources_of(const std::string& entry, int target, int capability);

/// Registers that a block takes: whole warps, each in units of 256.
std::size_t block_registers(const kernel_resources& resources, unsigned threads);

} // namespace ot_host
