using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace OtEngine.Tests.Support;

/// <summary>Checks a law on many generated cases, the same ones every time; a failure shows the smallest case found.</summary>
internal static class Law
{
    private const ulong Seed = 20260104;

    public static void Holds<TCase>(Gen<TCase> cases, Func<TCase, bool> law, int count = 1000) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(Seed), FSharpOption<int>.None))),
        Prop.ForAll(cases.ToArbitrary(), law));
}
