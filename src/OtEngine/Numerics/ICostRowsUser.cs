namespace OtEngine;

/// <summary>Work that is compiled once for each kind of cost rows; see <see cref="CostRowsFactory{T}"/>.</summary>
internal interface ICostRowsUser
{
    void Use<TRows>(in TRows rows)
        where TRows : struct, ICostRows;
}
