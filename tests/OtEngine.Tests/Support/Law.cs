using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using NUnit.Framework;

namespace OtEngine.Tests.Support;

/// <summary>
/// Checks a law on many generated cases, the same ones every time unless OTENGINE_LAW_SEED says otherwise; OTENGINE_LAW_CASES sets their
/// number. The seed is printed; a failure shows the smallest case found.
/// </summary>
internal static class Law
{
    private static readonly ulong Seed = Variable("OTENGINE_LAW_SEED") ?? 20260104;

    public static void Holds<TCase>(Gen<TCase> cases, Func<TCase, bool> law, int count = 1000) =>
        Check(cases.ToArbitrary(), @case => law(@case).ToProperty(), count);

    /// <summary>The same for laws that say what is wrong, or null, on cases that say what is smaller.</summary>
    public static void Holds<TCase>(Gen<TCase> cases, Func<TCase, IEnumerable<TCase>> smaller, Func<TCase, string?> law, int count = 1000) =>
        Check(Arb.From(cases, smaller), @case => Said(law(@case)), count);

    private static Property Said(string? complaint) => Prop.Label(complaint is null, complaint ?? "holds");

    private static void Check<TCase>(Arbitrary<TCase> cases, Func<TCase, Property> law, int count)
    {
        count = (int)(Variable("OTENGINE_LAW_CASES") ?? (ulong)count);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"OTENGINE_LAW_SEED={Seed} OTENGINE_LAW_CASES={count}"));
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(Seed), FSharpOption<int>.None))),
            Prop.ForAll(cases, law));
    }

    private static ulong? Variable(string name) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : null;
}
