using BenchmarkDotNet.Running;
using OtEngine.Bench;
using OtEngine.Bench.Peers;

if (args is ["peers", string folder])
    PeerServer.Run(folder, Console.In, Console.Out);
else if (args is ["limits"])
    PeerLimits.Write(Console.Out);
else if (args is ["sinkhorn-stress"])
    SinkhornStress.Write(Console.Out);
else if (args is ["sorts"])
    Sorts.Write(Console.Out);
else
    BenchmarkSwitcher.FromAssembly(typeof(PeerServer).Assembly).Run(args);
