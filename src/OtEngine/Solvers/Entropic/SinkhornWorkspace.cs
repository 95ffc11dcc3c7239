using System.Collections.Immutable;
using System.Numerics;
using OtEngine.Backends;

namespace OtEngine;

/// <summary>
/// Memory that calls of <see cref="Engine.Solve{T}(Geometry{T}, ReadOnlySpan{T}, ReadOnlySpan{T}, Sinkhorn, SinkhornWorkspace{T}, Span{double}, Span{double}, CancellationToken)"/>
/// reuse: as long as geometry and options stay the same objects, a call on a small problem allocates nothing. One call at a time may use it.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class SinkhornWorkspace<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private Geometry<T>? _geometry;
    private Sinkhorn? _options;
    private Execution? _execution;
    private ProblemTable<T>? _table;
    private SinkhornRun<T>? _run;
    private int _inUse;

    /// <summary>Releases the memory.</summary>
    /// <exception cref="InvalidOperationException">A call is using it.</exception>
    public void Dispose()
    {
        Enter();
        try
        {
            Release();
        }
        finally
        {
            Volatile.Write(ref _inUse, 0);
        }
    }

    internal SinkhornSummary Solve(
        Engine engine,
        Geometry<T> geometry,
        ReadOnlySpan<T> a,
        ReadOnlySpan<T> b,
        Sinkhorn options,
        Span<double> f,
        Span<double> g,
        CancellationToken cancellation)
    {
        Enter();
        try
        {
            if (!ReferenceEquals(geometry, _geometry) || !ReferenceEquals(options, _options) || !engine.Owns(_execution))
            {
                Build(engine, geometry, a, b, options, cancellation);
            }
            else
            {
                _execution!.Cancellation = cancellation;
                _table!.Weights.CopyFrom(a, 0);
                _table.Weights.CopyFrom(b, a.Length);
                _run!.Begin();
            }

            _run!.Sweep(bracket: false);
            _run.Extend();
            return _run.Summary(0, f, g);
        }
        finally
        {
            Volatile.Write(ref _inUse, 0);
        }
    }

    private void Enter()
    {
        if (Interlocked.Exchange(ref _inUse, 1) != 0)
            throw new InvalidOperationException("The Sinkhorn workspace is in use by another call; give each thread its own.");
    }

    private void Release()
    {
        _run?.Dispose();
        _table?.Dispose();
        (_run, _table, _geometry, _options) = (null, null, null, null);
    }

    private void Build(
        Engine engine, Geometry<T> geometry, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Sinkhorn options, CancellationToken cancellation)
    {
        Release();
        HostBuffer<T> weights = new((long)a.Length + b.Length);
        weights.CopyFrom(a, 0);
        weights.CopyFrom(b, a.Length);
        ProblemRow row = new()
        {
            Geometry = 0,
            Transposed = 0,
            Rows = a.Length,
            Columns = b.Length,
            WeightsA = 0,
            WeightsB = a.Length,
            PotentialsA = 0,
            PotentialsB = a.Length,
        };
        _table = new ProblemTable<T>([geometry], ImmutableArray.Create(row), weights);
        _execution = engine.Begin(1, progress: null, cancellation);
        _run = new SinkhornRun<T>(options with { RecordHistory = false }, _table, _execution);
        (_geometry, _options) = (geometry, options);
    }
}
