// Fibers: stacks that one host thread switches between by hand. swapcontext makes a system call each time; this one saves the
// registers that calls preserve and no more.
#pragma once

#include <cstddef>

namespace ot_host {

struct fiber {
  void* stack_pointer = nullptr; // while it is not running
  void* stack = nullptr;         // lowest usable address
  std::size_t bytes = 0;
  void* fake_stack = nullptr; // what AddressSanitizer keeps of it
};

/// Makes a fiber that begins in `entry` when it is first switched to; `entry` never returns.
void prepare(fiber& target, void (*entry)());

/// Goes on in `to`; returns when somebody switches back to `from`. `from_ends` says that nobody ever will.
void switch_fiber(fiber& from, fiber& to, bool from_ends = false);

/// Called first thing by an entry: the switch to it is complete.
void entered_fiber(fiber& self);

/// A stack from this thread's pool, with a page below it that must not be touched.
fiber take_stack();
void give_stack(const fiber& used);

/// The stack of the host thread itself, for the address checker.
fiber host_fiber();

} // namespace ot_host
