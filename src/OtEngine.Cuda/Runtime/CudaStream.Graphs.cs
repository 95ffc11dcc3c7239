using OtEngine.Cuda.Driver;
using OtEngine.Cuda.Handles;

namespace OtEngine.Cuda.Runtime;

// Captures, the graphs that they become, and events.
internal sealed unsafe partial class CudaStream
{
    /// <summary>Whether a capture could not be ended: nothing can be queued any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Takes down what would be queued, to be launched as often as wanted. The work may neither transfer nor wait.</summary>
    public CudaGraph Capture(Action<CudaStream> work)
    {
        const int ThreadLocal = 1;
        using (CudaContext.Scope scope = _context.Enter())
            _context.Check(Functions.cuStreamBeginCapture_v2(Handle, ThreadLocal), "cuStreamBeginCapture_v2");
        nint graph = 0;
        try
        {
            work(this);
        }
        catch
        {
            Abandon();
            throw;
        }

        // From here on a stream whose capture cannot be ended is good for nothing.
        IsBroken = true;
        using CudaContext.Scope ending = _context.Enter();
        _context.Check(Functions.cuStreamEndCapture(Handle, &graph), "cuStreamEndCapture");
        IsBroken = false;
        using GraphHandle captured = new(_context, graph);
        nint executable = 0;
        _context.Check(Functions.cuGraphInstantiateWithFlags(&executable, graph, 0), "cuGraphInstantiateWithFlags");
        return new CudaGraph(new ExecutableGraphHandle(_context, executable));
    }

    public void Launch(CudaGraph graph)
    {
        using CudaContext.Scope scope = Queue();
        _context.Check(Functions.cuGraphLaunch(graph.Handle, Handle), "cuGraphLaunch");
    }

    public void Record(CudaEvent point)
    {
        using CudaContext.Scope scope = Queue();
        _context.Check(Functions.cuEventRecord(point.Handle, Handle), "cuEventRecord");
    }

    /// <summary>What is queued after this waits for the event.</summary>
    public void Wait(CudaEvent point)
    {
        using CudaContext.Scope scope = Queue();
        _context.Check(Functions.cuStreamWaitEvent(Handle, point.Handle, 0), "cuStreamWaitEvent");
    }

    /// <summary>Ends a capture whose work failed; its exception is under way, so nothing is thrown.</summary>
    private void Abandon()
    {
        IsBroken = true;
        if (_context.IsLost)
            return;
        try
        {
            using CudaContext.Scope scope = _context.Enter();
            nint graph = 0;
            CudaResult result = Functions.cuStreamEndCapture(Handle, &graph);

            // A capture that its work made invalid is over too, without a graph.
            const int Invalidated = 901;
            IsBroken = !_context.Succeeded(result, "cuStreamEndCapture") && (int)result != Invalidated;
            if (graph != 0)
                new GraphHandle(_context, graph).Dispose();
        }
        catch (CudaException)
        {
            // The stream stays broken.
        }
    }
}
