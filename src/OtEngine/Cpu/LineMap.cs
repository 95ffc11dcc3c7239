namespace OtEngine.Cpu;

/// <summary>The barycentric map of the monotone coupling.</summary>
internal static class LineMap
{
    /// <summary>The mean image of each atom of side a, in the order of the problem; NaN where there is no mass.</summary>
    public static double[] Of(LineCoupling coupling, int count)
    {
        MapVisitor visitor = new(coupling);
        coupling.Walk(ref visitor);
        double[] images = new double[count];
        Array.Fill(images, double.NaN);
        for (int k = 0; k < coupling.A.Count; k++)
            images[coupling.A.Order[k]] = visitor.Image(k);
        return images;
    }

    private readonly struct MapVisitor(LineCoupling coupling) : ILineVisitor
    {
        private readonly double[] _mass = new double[coupling.A.Count];
        private readonly double[] _offset = new double[coupling.A.Count];
        private readonly double[] _first = new double[coupling.A.Count];

        public void Visit(int k, int l, int turns, double mass)
        {
            if (mass <= 0)
                return;
            double y = coupling.B.Positions[l] + (turns * (coupling.Circumference ?? 0));
            if (_mass[k] == 0)
                _first[k] = y;

            // Means are taken of offsets from the first image, so that equal images give exactly their place.
            _mass[k] += mass;
            _offset[k] += mass * (y - _first[k]);
        }

        public double Image(int k)
        {
            double image = _first[k] + (_offset[k] / _mass[k]);
            return coupling.Circumference is { } length ? LineSide.Reduce(image, length) : image;
        }
    }
}
