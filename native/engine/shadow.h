// What an instrumented build knows of every word of device and shared memory: whether it was written, and who touched it since which
// synchronisation. Two threads of a block that touch one word, one of them writing, are a race unless a barrier of the block or a
// __syncwarp orders them, or both are atomic; other collectives of a warp order nothing. Nothing else is a race, since the order of blocks
// is anyhow undefined and kernels tell each other by atomics. A word has two bytes: threads that write bytes of one word do not get past.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ot_host {

struct block_state;

/// Threads of one block that touched a word in one way between two barriers of their block, without those whom a later one of them follows.
/// Where lanes came at different times the latest stands for all, which is exact unless they synchronise by masks that overlap in part.
struct touches {
  std::uint32_t moment = 0; // of the block; 0: nobody
  std::uint32_t time = 0;   // of the warp: its synchronisations so far
  std::uint32_t lanes = 0;
  std::uint16_t warp = 0;
  bool other_warps = false; // besides this one
};

/// The touches of one word of two bytes that are not known to be past.
struct word_shadow {
  touches writes;
  touches reads;
  touches atomic_writes;
  touches atomic_reads;
};

/// Which bytes are written, and the words' last touches, of one run of memory.
class memory_shadow {
public:
  memory_shadow(void* base, std::size_t bytes);
  ~memory_shadow();
  memory_shadow(const memory_shadow&) = delete;
  memory_shadow& operator=(const memory_shadow&) = delete;

  unsigned char* base() const { return base_; }
  std::size_t bytes() const { return bytes_; }
  std::uint8_t* written() const { return written_; }
  word_shadow* words() const { return words_; }

private:
  unsigned char* base_;
  std::size_t bytes_;
  std::uint8_t* written_; // one a byte, so that a copy of it is a copy
  word_shadow* words_;
};

/// The shadow of a live device allocation that holds the address, or null; null always in a build without callbacks.
memory_shadow* find_shadow(const void* address);

/// The shared memory of a block has become longer; what is new in it nobody has written.
void shadow_shared(block_state& block);

/// Whether an address lies in the range that allocations are cut from, live or not.
bool is_reserved_range(const void* address);

/// How a word is touched. An atomic operation may meet others of its kind; an exchange does not ask what was there.
struct access {
  bool reads;
  bool writes;
  bool atomic;
};

constexpr access plain_read{true, false, false};
constexpr access plain_write{false, true, false};
constexpr access atomic_read{true, false, true};
constexpr access atomic_write{false, true, true};
constexpr access atomic_update{true, true, true};

/// An access of the running device thread, checked; does not return if it is wrong.
void check_access(const void* address, std::size_t bytes, access how);

} // namespace ot_host
