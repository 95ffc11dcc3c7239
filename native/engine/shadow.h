// What an instrumented build knows of every word of device and shared memory: whether it was written, and by whom it was last touched
// since which synchronisation. Two threads of a block that touch one word between barriers, one of them writing, are a race; so is
// nothing else, since the order of blocks is anyhow undefined and kernels tell each other by atomics.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ot_host {

struct block_state;

/// The last touches of one word of four bytes.
struct word_shadow {
  std::uint32_t writer_block = 0; // 0: nobody
  std::uint32_t writer_epoch = 0;
  std::uint32_t writer_warp_epoch = 0;
  std::uint16_t writer = 0;
  bool writer_atomic = false;
  bool many_readers = false; // of one warp
  std::uint32_t reader_block = 0;
  std::uint32_t reader_epoch = 0;
  std::uint32_t reader_warp_epoch = 0;
  std::uint16_t reader = 0;
  bool many_warps = false;
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
