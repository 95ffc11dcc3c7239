"""A generator of random integers whose stream cannot change with a library's version."""

MASK = (1 << 64) - 1


class SplitMix64:
    """Steele, Lea and Flood's SplitMix64 (OOPSLA 2014)."""

    def __init__(self, seed):
        self.state = seed & MASK

    def next64(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def integer(self, low, high):
        """Uniform on low..high, both included (bias below 2^-32 for the ranges used here)."""
        return low + self.next64() % (high - low + 1)

    def integers(self, count, low, high):
        return [self.integer(low, high) for _ in range(count)]

    def chance(self, percent):
        return self.integer(0, 99) < percent

    def choice(self, items):
        return items[self.integer(0, len(items) - 1)]

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.integer(0, i)
            items[i], items[j] = items[j], items[i]
        return items

    def bell(self, width):
        """A bell-shaped integer of standard deviation about width (a sum of 12 uniforms)."""
        return sum(self.integers(12, -width, width)) // 2
