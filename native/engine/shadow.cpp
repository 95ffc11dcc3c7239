#include "engine/shadow.h"

#include <bit>
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

constexpr std::size_t word = 2;

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

/// Whether whoever they are came before what this thread does now.
bool are_past(const touches& known, const thread_state& now) {
  if (known.moment != now.block->moment)
    return true;
  if (known.warp != now.warp || known.other_warps)
    return false;
  for (std::uint32_t others = known.lanes & ~(1u << now.lane); others != 0; others &= others - 1) {
    if (now.known_times[std::countr_zero(others)] <= known.time)
      return false;
  }

  return true;
}

void add(touches& known, const thread_state& now) {
  const std::uint32_t own = 1u << now.lane;
  const std::uint32_t time = now.block->warp_times[now.warp];
  if (known.moment != now.block->moment) {
    known = {now.block->moment, time, own, static_cast<std::uint16_t>(now.warp), false};
    return;
  }

  if (known.warp != now.warp) {
    known.other_warps = true;
    return;
  }

  // Whoever comes after this thread comes after those that it follows.
  for (std::uint32_t lanes = known.time < time ? known.lanes : 0; lanes != 0; lanes &= lanes - 1) {
    int lane = std::countr_zero(lanes);
    if (now.known_times[lane] > known.time)
      known.lanes &= ~(1u << lane);
  }

  known.lanes |= own;
  known.time = time;
}

void require_past(const touches& known, const char* did, const thread_state& now, const char* does, const void* address) {
  if (are_past(known, now))
    return;
  const std::uint32_t others = known.warp == now.warp ? known.lanes & ~(1u << now.lane) : known.lanes;
  std::string text = std::string("a race: it ") + does + " a word that ";
  text += others == 0 ? "a thread of another warp" : "thread " + std::to_string(known.warp * warp_size + static_cast<unsigned>(std::countr_zero(others)));
  text += std::string(" of the block ") + did + " without a synchronisation between the two, at address ";
  text += std::to_string(reinterpret_cast<std::uintptr_t>(address));
  now.block->owner->fail(self(), launch_failed, std::move(text));
}

void touch(word_shadow& word, const thread_state& now, access how, const void* address) {
  const char* does = how.writes ? "writes" : "reads";
  require_past(word.writes, "wrote", now, does, address);
  if (!how.atomic)
    require_past(word.atomic_writes, "changed by an atomic operation", now, does, address);
  if (how.writes)
    require_past(word.reads, "read", now, does, address);
  if (how.writes && !how.atomic) {
    require_past(word.atomic_reads, "read as one that others change", now, does, address);
    // All that was known of the word is past.
    word = {};
    add(word.writes, now);
    return;
  }

  add(how.atomic ? (how.writes ? word.atomic_writes : word.atomic_reads) : word.reads, now);
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
