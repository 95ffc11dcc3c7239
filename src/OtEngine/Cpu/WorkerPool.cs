namespace OtEngine.Cpu;

/// <summary>What a verb works in on one thread: memory that grows to the largest problem.</summary>
internal interface IWorker : IDisposable
{
    /// <summary>Bytes held.</summary>
    long HeldBytes { get; }

    /// <summary>Forgets whatever belongs to the call that ends, but for the memory; many workers lay everything out anew and have nothing to forget.</summary>
    void Forget()
    {
    }
}

/// <summary>Workers between calls, so that a verb called again and again allocates nothing. Those that have grown large are not kept.</summary>
internal sealed class WorkerPool<TWorker> : IDisposable
    where TWorker : class, IWorker, new()
{
    private const long MostBytes = 32 << 20;
    private const int MostWorkers = 16;
    private readonly Lock _gate = new();
    private readonly TWorker?[] _workers = new TWorker?[MostWorkers];
    private int _count;
    private bool _disposed;

    public TWorker Rent()
    {
        lock (_gate)
        {
            if (_count > 0)
                return _workers[--_count]!;
        }

        return new TWorker();
    }

    public void Return(TWorker worker)
    {
        worker.Forget();
        lock (_gate)
        {
            if (!_disposed && _count < MostWorkers && worker.HeldBytes <= MostBytes)
            {
                _workers[_count++] = worker;
                return;
            }
        }

        worker.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_count > 0)
                _workers[--_count]!.Dispose();
        }
    }
}
