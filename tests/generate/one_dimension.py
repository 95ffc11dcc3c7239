"""W_p^p on the line and on the circle, in whole numbers: points x 2^e, masses of one total, |d|^p times 2^BITS."""
from ground_costs import BITS, power_three_halves

POWERS = {"1": lambda d: abs(d) << BITS, "1.5": power_three_halves,
          "2": lambda d: d * d << BITS, "3": lambda d: abs(d) ** 3 << BITS}


def sorted_pieces(points, masses):
    """(length, point) of the quantile function, in order, without empty pieces."""
    return [(mass, point) for point, mass in sorted(zip(points, masses)) if mass > 0]


def merged(p, q):
    """(length, point of p, point of q) on the common refinement of two quantile functions of one total."""
    i = j = used_p = used_q = 0
    while i < len(p) and j < len(q):
        length = min(p[i][0] - used_p, q[j][0] - used_q)
        yield length, p[i][1], q[j][1]
        used_p += length
        used_q += length
        if used_p == p[i][0]:
            i, used_p = i + 1, 0
        if used_q == q[j][0]:
            j, used_q = j + 1, 0


def line(x, y, a, b, power):
    return sum(length * power(s - t) for length, s, t in merged(sorted_pieces(x, a), sorted_pieces(y, b)))


def shifted(pieces, total, alpha, circumference):
    """The pieces of t -> Y(t + alpha) on 0..total, where Y(t + total) = Y(t) + circumference."""
    result = []
    for turn in range(-2, 3):
        right = turn * total - alpha
        for mass, point in pieces:
            left, right = right, right + mass
            length = min(right, total) - max(left, 0)
            if length > 0:
                result.append((length, point + turn * circumference))
    return result


def circle(x, y, a, b, power, circumference):
    """The least cost over all breakpoints of the shift between lifted quantile functions.

    The cost is convex and piecewise linear in the shift, its kinks are where an end of a piece of one function meets an
    end of the other, and it grows beyond one turn in either direction (Delon, Salomon and Sobolevski 2010).
    """
    p, q = sorted_pieces(x, a), sorted_pieces(y, b)
    total = sum(a)

    def ends(pieces):
        end = 0
        for mass, _ in pieces:
            end += mass
            yield end

    shifts = {g - f + turn * total for g in ends(q) for f in ends(p) for turn in (-1, 0, 1)}
    return min(sum(length * power(s - t) for length, s, t in merged(p, shifted(q, total, alpha, circumference)))
               for alpha in shifts if -total <= alpha <= total)
