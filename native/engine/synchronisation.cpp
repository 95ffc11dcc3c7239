// Barriers, collectives of a warp, shared memory, waiting: the functions of thread.h.
#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "engine/address_checker.h"
#include "engine/block.h"
#include "engine/shadow.h"

namespace ot_host {

namespace {

constexpr unsigned all_lanes = 0xFFFFFFFFu;
constexpr std::size_t most_static_shared = 48 << 10;

std::string hexadecimal(unsigned mask) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "0x%08x", mask);
  return digits;
}

int result_of(barrier_vote vote, const block_state& block) {
  int count = 0;
  for (const thread_state& thread : block.threads)
    count += thread.status == thread_status::at_barrier && thread.value != 0 ? 1 : 0;
  switch (vote) {
  case barrier_vote::either:
    return count > 0;
  case barrier_vote::all:
    return count == static_cast<int>(block.live);
  default:
    return count;
  }
}

/// What a lane of the mask did so far every lane of it knows now, and with it what that lane knew of others.
void share_times(block_state& block, unsigned warp, unsigned mask) {
  thread_state* lanes = &block.threads[std::size_t{warp} * warp_size];
  const std::uint32_t time = ++block.warp_times[warp];
  std::uint32_t times[warp_size] = {};
  for (unsigned lane = 0; lane < warp_size; lane++) {
    for (unsigned k = 0; (mask >> lane & 1u) != 0 && k < warp_size; k++)
      times[k] = std::max(times[k], (mask >> k & 1u) != 0 ? time : lanes[lane].known_times[k]);
  }

  for (unsigned lane = 0; lane < warp_size; lane++) {
    if ((mask >> lane & 1u) != 0)
      std::copy(std::begin(times), std::end(times), lanes[lane].known_times);
  }
}

struct shuffle_payload {
  std::uint64_t value;
  std::uint64_t result;
  int operand;
  int width;
  shuffle_kind kind;
  bool from_outside; // the source lane does not take part: the result is undefined on a device
};

void combine_shuffle(void** payloads, unsigned mask) {
  for (int lane = 0; lane < static_cast<int>(warp_size); lane++) {
    if ((mask >> lane & 1u) == 0)
      continue;
    auto& own = *static_cast<shuffle_payload*>(payloads[lane]);
    int first = lane / own.width * own.width;
    int source = lane;
    switch (own.kind) {
    case shuffle_kind::indexed:
      source = first + (own.operand & (own.width - 1));
      break;
    case shuffle_kind::exclusive_or:
      // Into a later segment is not possible; a device then returns the lane's own value.
      source = (lane ^ own.operand) < first + own.width ? lane ^ own.operand : lane;
      break;
    case shuffle_kind::up:
      source = lane - own.operand >= first ? lane - own.operand : lane;
      break;
    case shuffle_kind::down:
      source = lane + own.operand < first + own.width ? lane + own.operand : lane;
      break;
    }

    own.from_outside = (mask >> source & 1u) == 0;
    own.result = own.from_outside ? 0 : static_cast<shuffle_payload*>(payloads[source])->value;
  }
}

struct ballot_payload {
  int predicate;
  unsigned result;
};

void combine_ballot(void** payloads, unsigned mask) {
  unsigned votes = 0;
  for (unsigned lane = 0; lane < warp_size; lane++) {
    if ((mask >> lane & 1u) != 0 && static_cast<ballot_payload*>(payloads[lane])->predicate != 0)
      votes |= 1u << lane;
  }

  for (unsigned lane = 0; lane < warp_size; lane++) {
    if ((mask >> lane & 1u) != 0)
      static_cast<ballot_payload*>(payloads[lane])->result = votes;
  }
}

} // namespace

void end_with_fault(int code, const char* what) { self().block->owner->fail(self(), code, what); }

int block_barrier(barrier_vote vote, int value, int line) {
  thread_state& thread = self();
  block_state& block = *thread.block;
  scheduler& owner = *block.owner;
  if (block.live < block.threads.size())
    owner.fail(thread, launch_failed, "reaches the barrier of line " + std::to_string(line) + ", which other threads of its block ended without");
  thread.line = line;
  thread.vote = vote;
  thread.value = value;
  thread.status = thread_status::at_barrier;
  if (++block.waiting < block.live) {
    owner.wait(thread);
    return block.vote_result;
  }

  for (const thread_state& other : block.threads) {
    if (other.line != line || other.vote != vote)
      owner.fail(thread, launch_failed,
                 "reaches the barrier of line " + std::to_string(line) + " while others wait at that of line " + std::to_string(other.line));
  }

  block.vote_result = result_of(vote, block);
  block.waiting = 0;
  block.moment = next_moment();
  for (thread_state& other : block.threads) {
    if (&other != &thread)
      owner.make_ready(other);
  }

  thread.status = thread_status::ready;
  return block.vote_result;
}

void warp_collective(const char* name, unsigned mask, void* payload, combine_lanes combine, bool orders_memory, int line) {
  thread_state& thread = self();
  block_state& block = *thread.block;
  scheduler& owner = *block.owner;
  std::size_t first = std::size_t{thread.warp} * warp_size;
  std::size_t lanes = std::min<std::size_t>(warp_size, block.threads.size() - first);
  if ((mask >> thread.lane & 1u) == 0)
    owner.fail(thread, launch_failed,
               std::string(name) + " in line " + std::to_string(line) + " is called by a lane that its mask " + hexadecimal(mask) + " leaves out");
  unsigned existing = lanes == warp_size ? all_lanes : (1u << lanes) - 1;
  if ((mask & ~existing) != 0)
    owner.fail(thread, launch_failed,
               std::string(name) + " in line " + std::to_string(line) + " has lanes in its mask " + hexadecimal(mask) + " that the block does not have");
  thread.collective = name;
  thread.mask = mask;
  thread.payload = payload;
  thread.combine = combine;
  thread.line = line;
  thread.status = thread_status::in_collective;
  void* payloads[warp_size] = {};
  // From the last lane down: where lanes come in order, all but the last see at once that somebody is missing.
  for (std::size_t lane = lanes; lane-- > 0;) {
    if ((mask >> lane & 1u) == 0)
      continue;
    const thread_state& other = block.threads[first + lane];
    if (other.status == thread_status::done)
      owner.fail(thread, launch_failed,
                 std::string(name) + " in line " + std::to_string(line) + " waits for lane " + std::to_string(lane) + ", which has ended");
    if (other.status == thread_status::in_collective && (other.mask & 1u << thread.lane) != 0 && other.mask == mask &&
        (other.line != line || (other.collective != name && std::strcmp(other.collective, name) != 0)))
      owner.fail(thread, launch_failed,
                 std::string(name) + " in line " + std::to_string(line) + " meets " + other.collective + " in line " + std::to_string(other.line));
    if (other.status != thread_status::in_collective || other.mask != mask) {
      owner.wait(thread);
      return;
    }

    payloads[lane] = other.payload;
  }

  if (combine != nullptr)
    combine(payloads, mask);
  if (orders_memory && is_instrumented())
    share_times(block, thread.warp, mask);
  for (std::size_t lane = 0; lane < lanes; lane++) {
    if ((mask >> lane & 1u) == 0)
      continue;
    thread_state& other = block.threads[first + lane];
    if (&other != &thread)
      owner.make_ready(other);
  }

  thread.status = thread_status::ready;
}

std::uint64_t shuffle(unsigned mask, std::uint64_t value, int operand, int width, shuffle_kind kind, int line) {
  if (width <= 0 || width > static_cast<int>(warp_size) || !std::has_single_bit(static_cast<unsigned>(width)))
    end_with_fault(launch_failed, "a shuffle's width is no power of two up to 32");
  shuffle_payload payload{value, 0, operand, width, kind, false};
  warp_collective("__shfl_sync", mask, &payload, combine_shuffle, false, line);
  if (payload.from_outside)
    end_with_fault(launch_failed, "a shuffle reads from a lane that its mask leaves out");
  return payload.result;
}

unsigned ballot(unsigned mask, int predicate, int line) {
  ballot_payload payload{predicate, 0};
  warp_collective("__ballot_sync", mask, &payload, combine_ballot, false, line);
  return payload.result;
}

void spin_pause() {
  thread_state& thread = self();
  scheduler& owner = *thread.block->owner;
  owner.make_ready(thread);
  thread.status = thread_status::spinning;
  owner.wait(thread);
}

std::uint64_t clock_ticks() { return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()); }

void* static_shared(const void* site, std::size_t bytes, std::size_t alignment) {
  thread_state& thread = self();
  block_state& block = *thread.block;
  for (const static_site& known : block.sites) {
    if (known.site == site)
      return block.shared + known.offset;
  }

  std::size_t offset = (block.shared_used + alignment - 1) / alignment * alignment;
  std::size_t statics = bytes;
  for (const static_site& known : block.sites)
    statics += known.bytes;
  if (statics > most_static_shared || offset + bytes > block.most_shared)
    block.owner->fail(thread, launch_failed,
                      "its static shared memory of " + std::to_string(statics) + " bytes does not fit the block's " + std::to_string(block.most_shared));
  block.sites.push_back({site, offset, bytes});
  permit(block.shared + block.shared_used, offset + bytes - block.shared_used);
  std::memset(block.shared + block.shared_used, 0xFF, offset + bytes - block.shared_used);
  block.shared_used = offset + bytes;
  shadow_shared(block);
  return block.shared + offset;
}

void* dynamic_shared() { return self().block->shared; }

} // namespace ot_host
