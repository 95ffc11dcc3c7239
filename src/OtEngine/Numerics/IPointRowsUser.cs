namespace OtEngine;

/// <summary>Work that is compiled once for each ground cost, on points; see <see cref="CostRowsFactory{T}"/>.</summary>
internal interface IPointRowsUser
{
    void Use<TCost>(in PointCostRows<TCost> rows)
        where TCost : struct, IGroundCost;
}
