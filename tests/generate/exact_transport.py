"""Balanced transport in whole numbers: the value is exact, and a certificate in whole numbers proves it."""


def solve(cost, a, b):
    """Minimise sum C_ij P_ij with row sums a and column sums b, all of them Python integers.

    Shortest augmenting paths with duals, one row at a time. Returns (value, plan, u, v) where plan is {(i, j): mass}.
    Ends in `certify`, which does not trust the search.
    """
    n, m = len(a), len(b)
    if sum(a) != sum(b):
        raise ValueError("the totals differ")
    columns = [j for j in range(m) if b[j] > 0]
    u = [0] * n
    v = [min((cost[i][j] for i in range(n)), default=0) for j in range(m)]
    flow = [dict() for _ in range(m)]  # flow[j][i]
    demand = list(b)
    for s in range(n):
        u[s] = min(cost[s][j] - v[j] for j in columns) if columns else 0
        supply = a[s]
        while supply > 0:
            supply -= _augment(cost, columns, u, v, flow, demand, s, supply)
    plan = {(i, j): mass for j in range(m) for i, mass in flow[j].items()}
    for i in range(n):  # rows without mass, then columns without mass: any feasible dual will do
        if a[i] == 0 and columns:
            u[i] = min(cost[i][j] - v[j] for j in columns)
    for j in range(m):
        if b[j] == 0 and n:
            v[j] = min(cost[i][j] - u[i] for i in range(n))
    return certify(cost, a, b, plan, u, v), plan, u, v


def _augment(cost, columns, u, v, flow, demand, s, supply):
    row_s, u_s = cost[s], u[s]
    slack = {j: row_s[j] - u_s - v[j] for j in columns}
    entered_from = {j: s for j in columns}
    row_distance, row_parent, column_distance = {s: 0}, {s: None}, {}
    while True:
        j = min(slack, key=slack.__getitem__)
        distance = slack.pop(j)
        column_distance[j] = distance
        if demand[j] > 0:
            break
        for i in flow[j]:
            if i in row_distance:
                continue
            row_distance[i], row_parent[i] = distance, j
            row_i, base = cost[i], distance - u[i]
            for k, known in slack.items():
                candidate = row_i[k] + base - v[k]
                if candidate < known:
                    slack[k], entered_from[k] = candidate, i
    for i, d in row_distance.items():
        u[i] += distance - d
    for k, d in column_distance.items():
        v[k] -= distance - d

    amount, k = min(supply, demand[j]), j
    while row_parent[entered_from[k]] is not None:
        i = entered_from[k]
        k = row_parent[i]
        amount = min(amount, flow[k][i])
    demand[j] -= amount
    k = j
    while True:
        i = entered_from[k]
        flow[k][i] = flow[k].get(i, 0) + amount
        k = row_parent[i]
        if k is None:
            return amount
        flow[k][i] -= amount
        if flow[k][i] == 0:
            del flow[k][i]


def certify(cost, a, b, plan, u, v):
    """Weak duality, in whole numbers: a feasible plan and feasible duals of one value are both optimal."""
    n, m = len(a), len(b)
    rows, cols, primal = [0] * n, [0] * m, 0
    for (i, j), mass in plan.items():
        assert mass > 0
        rows[i] += mass
        cols[j] += mass
        primal += cost[i][j] * mass
    assert rows == list(a) and cols == list(b)
    assert all(u[i] + v[j] <= cost[i][j] for i in range(n) for j in range(m))
    dual = sum(x * y for x, y in zip(u, a)) + sum(x * y for x, y in zip(v, b))
    assert primal == dual, (primal, dual)
    return primal


def plan_is_unique(cost, a, b, u, v):
    """True if the arcs without reduced cost form a forest, which carries one flow only (sufficient, not necessary)."""
    n = len(a)
    root = list(range(n + len(b)))

    def find(x):
        while root[x] != x:
            x = root[x]
        return x

    for i in range(n):
        for j in range(len(b)):
            if a[i] > 0 and b[j] > 0 and cost[i][j] == u[i] + v[j]:
                x, y = find(i), find(n + j)
                if x == y:
                    return False
                root[x] = y
    return True
