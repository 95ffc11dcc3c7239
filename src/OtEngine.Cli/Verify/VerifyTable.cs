using System.Numerics;
using OtEngine.Backends;

namespace OtEngine.Cli.Verify;

/// <summary>Drawn problems as one ragged table in the memory of a backend, with their potentials.</summary>
internal sealed class VerifyTable<T> : IDisposable
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Loads the table.</summary>
    public VerifyTable(IReadOnlyList<VerifyProblem<T>> problems, Backend backend)
    {
        Problems = problems;
        Table = ProblemTable<T>.Of([.. problems.Select(problem => problem.Problem)]);
        Loaded = backend.Load(Table);
        Potentials = backend.Allocate<double>(Table.PotentialCount);
        Epsilons = new double[problems.Count];
        Array.Fill(Epsilons, VerifyProblem<T>.Epsilon);
    }

    /// <summary>Row by row.</summary>
    public IReadOnlyList<VerifyProblem<T>> Problems { get; }

    /// <summary>The table.</summary>
    public ProblemTable<T> Table { get; }

    /// <summary>The table in the backend's memory.</summary>
    public LoadedTable<T> Loaded { get; }

    /// <summary>f and g by the offsets of the table.</summary>
    public BackendBuffer<double> Potentials { get; }

    /// <summary>One a problem.</summary>
    public double[] Epsilons { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Potentials.Dispose();
        Loaded.Dispose();
        Table.Dispose();
    }

    /// <summary>Writes the drawn potentials of every problem.</summary>
    public void SetPotentials()
    {
        for (int row = 0; row < Problems.Count; row++)
        {
            Potentials.CopyFrom(Problems[row].F, Table.Rows[row].PotentialsA);
            Potentials.CopyFrom(Problems[row].G, Table.Rows[row].PotentialsB);
        }
    }

    /// <summary>f, then g, of one problem.</summary>
    public double[] Pairs(BackendBuffer<double> values, int row)
    {
        VerifyProblem<T> problem = Problems[row];
        double[] found = new double[problem.Rows + problem.Columns];
        values.CopyTo(found.AsSpan(0, problem.Rows), Table.Rows[row].PotentialsA);
        values.CopyTo(found.AsSpan(problem.Rows), Table.Rows[row].PotentialsB);
        return found;
    }

    /// <summary>The largest error of all problems.</summary>
    public VerbError Largest(Func<VerifyProblem<T>, int, VerbError> check)
    {
        VerbError largest = default;
        for (int row = 0; row < Problems.Count; row++)
            largest = largest.Or(check(Problems[row], row));
        return largest;
    }
}
