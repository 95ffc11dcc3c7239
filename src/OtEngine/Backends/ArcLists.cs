namespace OtEngine.Backends;

/// <summary>
/// For each row, or each column, the k arcs of the lowest price below a limit; ties go to the lower index, so that the
/// lists do not depend on the order in which arcs are offered.
/// </summary>
internal sealed class ArcLists
{
    private double[] _worst = [];
    private int[] _worstPlace = [];
    private int[] _lengths = [];
    private double[] _prices = [];
    private int[] _ends = [];
    private double _limit;
    private int _count;
    private int _k;

    /// <summary>By list: the price at or below which an arc may still be taken.</summary>
    public double[] Worst => _worst;

    /// <summary>Empties the lists.</summary>
    /// <param name="count">How many lists.</param>
    /// <param name="k">Arcs of a list, at most.</param>
    /// <param name="limit">Prices have to be below it.</param>
    public void Reset(int count, int k, double limit)
    {
        _count = count;
        _k = k;
        _limit = limit;
        ExactScratch.Grow(ref _worst, count).AsSpan(0, count).Fill(limit);
        ExactScratch.Grow(ref _worstPlace, count);
        ExactScratch.Grow(ref _lengths, count).AsSpan(0, count).Clear();
        int room = Sizes.Product("The lists of arcs", count, k, "use fewer atoms");
        ExactScratch.Grow(ref _prices, room);
        ExactScratch.Grow(ref _ends, room);
    }

    /// <summary>Empty lists of the same shape.</summary>
    public ArcLists CloneEmpty()
    {
        ArcLists clone = new();
        clone.Reset(_count, _k, _limit);
        return clone;
    }

    /// <summary>The other ends of the arcs of a list, in no order.</summary>
    public ReadOnlySpan<int> Ends(int list) => _ends.AsSpan(list * _k, _lengths[list]);

    /// <summary>The arcs of a list by price, ties by the lower end; infinity and -1 where there are fewer than k.</summary>
    public void CopySorted(int list, Span<double> prices, Span<int> ends)
    {
        int length = _lengths[list];
        Span<(double Price, int End)> arcs = new (double, int)[length];
        for (int k = 0; k < length; k++)
            arcs[k] = (_prices[(list * _k) + k], _ends[(list * _k) + k]);
        arcs.Sort();
        prices.Fill(double.PositiveInfinity);
        ends.Fill(-1);
        for (int k = 0; k < length; k++)
            (prices[k], ends[k]) = arcs[k];
    }

    /// <summary>Takes everything that lists of the same shape hold.</summary>
    public void Take(ArcLists other)
    {
        for (int list = 0; list < _count; list++)
        {
            for (int k = 0; k < other._lengths[list]; k++)
                Offer(list, other._prices[(list * _k) + k], other._ends[(list * _k) + k]);
        }
    }

    /// <summary>Takes an arc if it belongs to the list. A price that is NaN or infinite says nothing, and is not taken.</summary>
    public void Offer(int list, double price, int end)
    {
        if (!(price <= _worst[list]) || !(price < _limit) || double.IsInfinity(price))
            return;
        int start = list * _k;
        int place = start + _lengths[list];
        if (_lengths[list] < _k)
        {
            _lengths[list]++;
        }
        else
        {
            place = _worstPlace[list];
            if (price == _worst[list] && end > _ends[place])
                return;
        }

        _prices[place] = price;
        _ends[place] = end;
        if (_lengths[list] < _k)
            return;
        int worst = start;
        for (int k = start + 1; k < start + _k; k++)
        {
            if (_prices[k] > _prices[worst] || (_prices[k] == _prices[worst] && _ends[k] > _ends[worst]))
                worst = k;
        }

        _worstPlace[list] = worst;
        _worst[list] = _prices[worst];
    }
}
