#include "engine/fiber.h"

#include <new>
#include <vector>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/address_checker.h"

// OT_CONTEXTS asks for the C library's contexts where the hand-written switch would do, to test them.
#if defined(__x86_64__) && !defined(OT_CONTEXTS)
#define OT_OWN_SWITCH 1
#else
#define OT_OWN_SWITCH 0
#include <ucontext.h>
#endif

namespace ot_host {

namespace {

// A kernel's frame is small; the address checker pads every variable.
constexpr std::size_t stack_bytes = OT_ADDRESS_CHECKED ? 256 << 10 : 64 << 10;

std::size_t page_bytes() {
  static const std::size_t bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

/// Stacks that are not in use. They are given back to the system with the thread, without marks, since others get their addresses.
struct stack_pool {
  std::vector<void*> free;

  ~stack_pool() {
    for (void* stack : free) {
      permit(stack, stack_bytes);
      munmap(static_cast<char*>(stack) - page_bytes(), stack_bytes + page_bytes());
    }
  }
};

stack_pool& pool() {
  static thread_local stack_pool instance;
  return instance;
}

/// A fiber that ended without returning leaves the strips around its variables marked.
void unmark(const fiber& target) { permit(target.stack, target.bytes); }

} // namespace

fiber take_stack() {
  fiber taken;
  taken.bytes = stack_bytes;
  std::vector<void*>& free = pool().free;
  if (!free.empty()) {
    taken.stack = free.back();
    free.pop_back();
    return taken;
  }

  void* base = mmap(nullptr, stack_bytes + page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED)
    throw std::bad_alloc();
  mprotect(base, page_bytes(), PROT_NONE);
  taken.stack = static_cast<char*>(base) + page_bytes();
  return taken;
}

void give_stack(const fiber& used) { pool().free.push_back(used.stack); }

fiber host_fiber() {
  fiber host;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &host.stack, &host.bytes);
    pthread_attr_destroy(&attributes);
  }

  return host;
}

void entered_fiber([[maybe_unused]] fiber& self) {
#if OT_ADDRESS_CHECKED
  __sanitizer_finish_switch_fiber(self.fake_stack, nullptr, nullptr);
#endif
}

#if OT_OWN_SWITCH

// Saves what a call preserves (six registers and both control words), exchanges stack pointers, restores.
extern "C" void ot_host_exchange_stacks(void** saved, void* next);
asm(R"(
.text
.globl ot_host_exchange_stacks
.hidden ot_host_exchange_stacks
.type ot_host_exchange_stacks, @function
ot_host_exchange_stacks:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $8, %rsp
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size ot_host_exchange_stacks, .-ot_host_exchange_stacks
)");

void prepare(fiber& target, void (*entry)()) {
  unmark(target);
  // At the entry of a function the stack is 8 bytes off a multiple of 16, as after a call; its return address is never used.
  // Tops of stacks lie a multiple of a page apart, in the same few sets of the caches, unless each begins at a place of its own.
  auto top = reinterpret_cast<std::size_t>(target.stack) + target.bytes - reinterpret_cast<std::size_t>(target.stack) / target.bytes * 11 % 64 * 64;
  auto** place = reinterpret_cast<void**>(top & ~std::size_t{15});
  *--place = nullptr;
  *--place = reinterpret_cast<void*>(entry);
  for (int preserved = 0; preserved < 6; preserved++)
    *--place = nullptr;
  *--place = nullptr;
  unsigned vector_control = 0;
  unsigned short control = 0;
  asm volatile("stmxcsr %0" : "=m"(vector_control));
  asm volatile("fnstcw %0" : "=m"(control));
  *reinterpret_cast<unsigned*>(place) = vector_control;
  *reinterpret_cast<unsigned*>(reinterpret_cast<char*>(place) + 4) = control;
  target.stack_pointer = place;
  target.fake_stack = nullptr;
}

void switch_fiber(fiber& from, fiber& to, [[maybe_unused]] bool from_ends) {
#if OT_ADDRESS_CHECKED
  __sanitizer_start_switch_fiber(from_ends ? nullptr : &from.fake_stack, to.stack, to.bytes);
#endif
  ot_host_exchange_stacks(&from.stack_pointer, to.stack_pointer);
  entered_fiber(from);
}

#else

// Other processors: the C library's contexts, which are slower and right. The context lies at the low end of the stack.
void prepare(fiber& target, void (*entry)()) {
  unmark(target);
  auto* context = new (target.stack) ucontext_t;
  getcontext(context);
  context->uc_stack.ss_sp = static_cast<char*>(target.stack) + sizeof(ucontext_t);
  context->uc_stack.ss_size = target.bytes - sizeof(ucontext_t);
  context->uc_link = nullptr;
  makecontext(context, entry, 0);
  target.stack_pointer = context;
  target.fake_stack = nullptr;
}

void switch_fiber(fiber& from, fiber& to, [[maybe_unused]] bool from_ends) {
#if OT_ADDRESS_CHECKED
  __sanitizer_start_switch_fiber(from_ends ? nullptr : &from.fake_stack, to.stack, to.bytes);
#endif
  ucontext_t here;
  from.stack_pointer = &here;
  swapcontext(&here, static_cast<ucontext_t*>(to.stack_pointer));
  entered_fiber(from);
}

#endif

} // namespace ot_host
