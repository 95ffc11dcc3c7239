#include "engine/shadow.h"

#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <link.h>
#include <sys/mman.h>

#include "engine/block.h"

namespace ot_host {

namespace {

constexpr std::size_t word = 4;

/// Zero pages that appear when they are touched.
void* take_zeros(std::size_t bytes) {
  void* taken = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return taken == MAP_FAILED ? nullptr : taken;
}

std::size_t words_of(std::size_t bytes) { return (bytes + word - 1) / word + 1; }

/// The shadow of the shared memory of each block that lives on this host thread.
std::map<const block_state*, std::unique_ptr<memory_shadow>>& shared_shadows() {
  static thread_local std::map<const block_state*, std::unique_ptr<memory_shadow>> shadows;
  return shadows;
}

bool ordered(const thread_state& now, unsigned other, std::uint32_t epoch, std::uint32_t warp_epoch) {
  return epoch != now.block->epoch || other == now.index || (other / warp_size == now.warp && warp_epoch < now.warp_epoch);
}

[[noreturn]] void race(const thread_state& now, unsigned other, const char* before, const char* after, const void* address) {
  thread_state& thread = self();
  thread.block->owner->fail(thread, launch_failed,
                            std::string("a race: it ") + after + " a word that thread " + std::to_string(other) + " of the block " + before +
                                " since the last barrier, at address " + std::to_string(reinterpret_cast<std::uintptr_t>(address)));
  (void)now;
}

void touch(word_shadow& shadow, const thread_state& now, access how, const void* address) {
  bool own_writer = shadow.writer_block == now.block->id;
  if (own_writer && !(how.atomic && shadow.writer_atomic) && !ordered(now, shadow.writer, shadow.writer_epoch, shadow.writer_warp_epoch))
    race(now, shadow.writer, "wrote", how.writes ? "writes" : "reads", address);
  bool own_reader = shadow.reader_block == now.block->id && shadow.reader_epoch == now.block->epoch;
  if (how.writes) {
    if (own_reader) {
      bool other_warp = shadow.many_warps || shadow.reader / warp_size != now.warp;
      bool alone = !shadow.many_readers && !shadow.many_warps && shadow.reader == now.index;
      if (!alone && (other_warp || shadow.reader_warp_epoch >= now.warp_epoch))
        race(now, shadow.reader, "read", "writes", address);
    }

    shadow.writer_block = now.block->id;
    shadow.writer_epoch = now.block->epoch;
    shadow.writer_warp_epoch = now.warp_epoch;
    shadow.writer = static_cast<std::uint16_t>(now.index);
    shadow.writer_atomic = how.atomic;
    shadow.reader_block = 0;
    shadow.many_readers = shadow.many_warps = false;
    return;
  }

  if (how.atomic)
    return;
  if (own_reader) {
    shadow.many_warps = shadow.many_warps || shadow.reader / warp_size != now.warp;
    shadow.many_readers = shadow.many_readers || shadow.reader != now.index;
  } else {
    shadow.many_readers = shadow.many_warps = false;
  }

  shadow.reader_block = now.block->id;
  shadow.reader_epoch = now.block->epoch;
  shadow.reader_warp_epoch = now.warp_epoch;
  shadow.reader = static_cast<std::uint16_t>(now.index);
}

void check(memory_shadow& shadow, const thread_state& now, const void* address, std::size_t bytes, access how, const char* which) {
  std::size_t offset = static_cast<std::size_t>(static_cast<const unsigned char*>(address) - shadow.base());
  if (offset + bytes > shadow.bytes())
    end_with_fault(illegal_address, (std::string(how.writes ? "writes" : "reads") + " past the end of " + which + " memory").c_str());
  if (how.reads) {
    if (std::memchr(shadow.written() + offset, 0, bytes) != nullptr)
      end_with_fault(
          launch_failed,
          (std::string("reads ") + which + " memory that nobody wrote, at address " + std::to_string(reinterpret_cast<std::uintptr_t>(address))).c_str());
  }

  if (how.writes)
    std::memset(shadow.written() + offset, 1, bytes);
  for (std::size_t k = offset / word; k <= (offset + bytes - 1) / word; k++)
    touch(shadow.words()[k], now, how, address);
}

/// Segments of this library: constants, and what the language keeps. Their bounds are found once.
bool is_library(const void* address) {
  struct segment {
    std::uintptr_t begin;
    std::uintptr_t end;
  };
  static const std::vector<segment> segments = [] {
    std::vector<segment> found;
    dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* out) {
          auto* list = static_cast<std::vector<segment>*>(out);
          std::vector<segment> own;
          bool holds = false;
          auto probe = reinterpret_cast<std::uintptr_t>(&shared_shadows);
          for (int k = 0; k < info->dlpi_phnum; k++) {
            if (info->dlpi_phdr[k].p_type != PT_LOAD)
              continue;
            std::uintptr_t begin = info->dlpi_addr + info->dlpi_phdr[k].p_vaddr;
            std::uintptr_t end = begin + info->dlpi_phdr[k].p_memsz;
            holds = holds || (probe >= begin && probe < end);
            own.push_back({begin, end});
          }

          if (holds)
            *list = own;
          return holds ? 1 : 0;
        },
        &found);
    return found;
  }();
  auto place = reinterpret_cast<std::uintptr_t>(address);
  for (const segment& part : segments) {
    if (place >= part.begin && place < part.end)
      return true;
  }

  return false;
}

bool within(const void* address, std::size_t bytes, const void* base, std::size_t length) {
  auto place = reinterpret_cast<std::uintptr_t>(address);
  auto begin = reinterpret_cast<std::uintptr_t>(base);
  return place >= begin && place + bytes <= begin + length;
}

} // namespace

memory_shadow::memory_shadow(void* base, std::size_t bytes)
    : base_(static_cast<unsigned char*>(base)), bytes_(bytes), written_(static_cast<std::uint8_t*>(take_zeros(bytes + word))),
      words_(static_cast<word_shadow*>(take_zeros(words_of(bytes) * sizeof(word_shadow)))) {
  if (written_ == nullptr || words_ == nullptr)
    throw std::bad_alloc();
}

memory_shadow::~memory_shadow() {
  munmap(written_, bytes_ + word);
  munmap(words_, words_of(bytes_) * sizeof(word_shadow));
}

void shadow_shared(block_state& block) {
  if (!is_instrumented())
    return;
  std::unique_ptr<memory_shadow>& shadow = shared_shadows()[&block];
  if (shadow == nullptr || shadow->base() != block.shared || shadow->bytes() < block.shared_capacity)
    shadow = std::make_unique<memory_shadow>(block.shared, block.shared_capacity);
  if (block.sites.empty())
    std::memset(shadow->written(), 0, block.shared_capacity);
}

void check_access(const void* address, std::size_t bytes, access how) {
  if (current_thread == nullptr)
    return;
  thread_state& now = self();
  if (within(address, bytes, now.own.stack, now.own.bytes))
    return;
  block_state& block = *now.block;
  if (within(address, 1, block.shared, block.shared_capacity)) {
    if (!within(address, bytes, block.shared, block.shared_used))
      end_with_fault(illegal_address, how.writes ? "writes past the end of the block's shared memory" : "reads past the end of the block's shared memory");
    check(*shared_shadows()[&block], now, address, bytes, how, "shared");
    return;
  }

  if (memory_shadow* shadow = find_shadow(address)) {
    check(*shadow, now, address, bytes, how, "device");
    return;
  }

  scheduler& owner = *block.owner;
  bool engine = is_library(address) || within(address, bytes, &now, sizeof(thread_state)) || within(address, bytes, &current_thread, sizeof(void*)) ||
                (!how.writes && within(address, bytes, owner.arguments(), owner.argument_bytes()));
  if (engine && !is_reserved_range(address))
    return;
  end_with_fault(illegal_address, ((how.writes ? "writes to address " : "reads from address ") + std::to_string(reinterpret_cast<std::uintptr_t>(address)) +
                                   ", which is no live memory of the device")
                                      .c_str());
}

} // namespace ot_host
