#include "engine/memory.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include <sys/mman.h>

#include "engine/address_checker.h"
#include "engine/launch.h"
#include "engine/shadow.h"

namespace ot_host {

namespace {

constexpr std::size_t alignment = 256;
constexpr std::size_t strip = 4096;                 // between two allocations
constexpr std::size_t range = std::size_t{1} << 40; // addresses, not memory
constexpr int poison = 0xFF;

struct allocation {
  std::size_t bytes;
  std::size_t span; // with alignment and strip
  std::unique_ptr<memory_shadow> shadow;
};

struct device_memory {
  std::mutex lock;
  unsigned char* base = nullptr;
  std::size_t used = 0;
  std::map<std::uintptr_t, allocation> live;
  std::multimap<std::size_t, std::uintptr_t> free; // by span
};

device_memory& memory() {
  static device_memory instance;
  return instance;
}

/// The live allocation an address lies in, or the end.
std::map<std::uintptr_t, allocation>::iterator holding(device_memory& all, const void* address) {
  auto place = all.live.upper_bound(reinterpret_cast<std::uintptr_t>(address));
  if (place == all.live.begin())
    return all.live.end();
  --place;
  return reinterpret_cast<std::uintptr_t>(address) - place->first < place->second.bytes ? place : all.live.end();
}

} // namespace

void* take_device_memory(std::size_t bytes) {
  if (bytes == 0 || bytes > range)
    return nullptr;
  device_memory& all = memory();
  std::lock_guard<std::mutex> guard(all.lock);
  if (all.base == nullptr) {
    void* reserved = mmap(nullptr, range, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved == MAP_FAILED)
      return nullptr;
    all.base = static_cast<unsigned char*>(reserved);
  }

  std::size_t span = (bytes + alignment - 1) / alignment * alignment + strip;
  std::uintptr_t base = 0;
  // A span is used again for the same size alone: addresses of other sizes that were freed stay wrong for as long as possible.
  if (auto reused = all.free.find(span); reused != all.free.end()) {
    base = reused->second;
    all.free.erase(reused);
  } else {
    if (all.used + span > range)
      return nullptr;
    base = reinterpret_cast<std::uintptr_t>(all.base) + all.used;
    all.used += span;
  }

  auto* start = reinterpret_cast<unsigned char*>(base);
  permit(start, bytes);
  forbid(start + bytes, span - bytes);
  std::memset(start, poison, bytes);
  all.live.emplace(base, allocation{bytes, span, is_instrumented() ? std::make_unique<memory_shadow>(start, bytes) : nullptr});
  return start;
}

bool give_device_memory(void* base) {
  device_memory& all = memory();
  std::lock_guard<std::mutex> guard(all.lock);
  auto place = all.live.find(reinterpret_cast<std::uintptr_t>(base));
  if (place == all.live.end())
    return false;
  std::size_t span = place->second.span;
  forbid(base, span);
  // Whole pages go back to the system; what is left of the ends is poisoned when it is taken again.
  std::uintptr_t first = (place->first + strip - 1) / strip * strip;
  std::uintptr_t last = (place->first + span) / strip * strip;
  if (last > first)
    madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
  all.free.emplace(span, place->first);
  all.live.erase(place);
  return true;
}

bool is_device_range(const void* base, std::size_t bytes) {
  device_memory& all = memory();
  std::lock_guard<std::mutex> guard(all.lock);
  auto place = holding(all, base);
  return place != all.live.end() && bytes <= place->second.bytes - (reinterpret_cast<std::uintptr_t>(base) - place->first);
}

bool find_allocation(const void* address, void** base, std::size_t* bytes) {
  device_memory& all = memory();
  std::lock_guard<std::mutex> guard(all.lock);
  auto place = holding(all, address);
  if (place == all.live.end())
    return false;
  *base = reinterpret_cast<void*>(place->first);
  *bytes = place->second.bytes;
  return true;
}

memory_shadow* find_shadow(const void* address) {
  device_memory& all = memory();
  std::lock_guard<std::mutex> guard(all.lock);
  auto place = holding(all, address);
  return place == all.live.end() ? nullptr : place->second.shadow.get();
}

bool is_reserved_range(const void* address) {
  const device_memory& all = memory();
  auto place = reinterpret_cast<std::uintptr_t>(address);
  auto base = reinterpret_cast<std::uintptr_t>(all.base);
  return all.base != nullptr && place >= base && place - base < range;
}

void mark_initialised(void* base, std::size_t bytes) {
  if (memory_shadow* shadow = find_shadow(base))
    std::memset(shadow->written() + (static_cast<unsigned char*>(base) - shadow->base()), 1, bytes);
}

bool is_initialised(const void* base, std::size_t bytes, std::size_t* first) {
  memory_shadow* shadow = find_shadow(base);
  if (shadow == nullptr)
    return true;
  const std::uint8_t* written = shadow->written() + (static_cast<const unsigned char*>(base) - shadow->base());
  const void* missing = std::memchr(written, 0, bytes);
  if (missing == nullptr)
    return true;
  *first = static_cast<std::size_t>(static_cast<const std::uint8_t*>(missing) - written);
  return false;
}

void copy_initialised(void* destination, const void* source, std::size_t bytes) {
  memory_shadow* to = find_shadow(destination);
  memory_shadow* from = find_shadow(source);
  if (to != nullptr && from != nullptr)
    std::memmove(to->written() + (static_cast<unsigned char*>(destination) - to->base()),
                 from->written() + (static_cast<const unsigned char*>(source) - from->base()), bytes);
}

} // namespace ot_host
